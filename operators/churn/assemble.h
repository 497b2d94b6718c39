#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "operators/churn/context.h"
#include "operators/churn/money.h"
#include "operators/churn/reading.h"
#include "operators/churn/roles.h"
#include "operators/churn/votes.h"
#include "operators/document_reader.h"
#include "schemas/article.h"
#include "schemas/signal.h"

namespace churnwire {

/// A draft with its score.
struct ScoredDraft {
  Draft draft;
  Context context;
  double score = 0;
  double probability = 0;
};

/// Drafts that speak of one event: one customer, one losing provider. The best one first.
struct Cluster {
  std::vector<const ScoredDraft*> drafts;
  const ScoredDraft& best() const { return *drafts.front(); }
};

/// Turns clusters of drafts into signals: names, fields, evidence with offsets in the received bytes.
class Assembler {
 public:
  Assembler(const Reading& reading, const MoneyTables& money, const DocumentReader& reader,
            const Article& article, std::string_view ruleset);

  /// Groups drafts by customer and losing provider; the most probable cluster first.
  std::vector<Cluster> cluster(const std::vector<ScoredDraft>& drafts) const;
  /// `voters` are the drafts that agree on the roles: those of the cluster, or of the article when it tells
  /// of one event only.
  Signal assemble(const Cluster& cluster, std::span<const RoleVoter> voters, std::size_t ordinal) const;
  /// The customer's id, or a word for an unnamed or missing one: part of a cluster's key.
  std::string customer_key(const Draft& draft) const;
  std::string losing_key(const Draft& draft) const;

 private:
  void add_traits(const CustomerRole& role, Signal& signal) const;
  void fill_customer(const Draft& draft, Signal& signal) const;
  void fill_providers(const Cluster& cluster, const AgreedRoles& roles, Signal& signal) const;
  void guess_gaining(Signal& signal) const;
  void fill_context(const Cluster& cluster, Signal& signal) const;
  void fill_money(const Cluster& cluster, Signal& signal) const;
  void fill_fields(const Cluster& cluster, Signal& signal) const;
  void fill_origin(Signal& signal) const;
  void fill_evidence(const Cluster& cluster, Signal& signal) const;
  void add_provider(std::uint32_t provider, std::vector<ProviderRef>& out) const;
  std::optional<ProviderRef> introduced_host(const Draft& draft) const;
  template <class Visit>
  void sentences_around(const Cluster& cluster, std::size_t reach, Visit&& visit) const;

  const Reading& reading_;
  const MoneyTables& money_;
  const DocumentReader& reader_;
  const Article& article_;
  std::string ruleset_;
  int year_;
};

/// A lower-case id of letters, digits and hyphens from a name: "Harrow & Finch" -> "harrow-finch"; never
/// empty.
std::string slug(std::string_view name);

}  // namespace churnwire
