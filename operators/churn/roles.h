#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "operators/churn/reading.h"

namespace churnwire {

/// How a role came to be filled: a feature of the scorer.
enum class RoleSource : std::uint8_t {
  none,
  slot,
  preposition,
  syntax,
  coordination,
  sentence,
  context,
  title
};

/// A provider in a role.
struct ProviderRole {
  std::uint32_t mention = 0;  // index into Document::mentions
  RoleSource source = RoleSource::none;
};

/// The customer of a draft: a mention, or the words of a description.
struct CustomerRole {
  enum class Kind : std::uint8_t { none, named, unnamed } kind = Kind::none;
  std::int32_t mention = -1;          // named
  std::uint32_t first = 0, last = 0;  // unnamed: tokens of the description
  RoleSource source = RoleSource::none;
};

/// A possible churn event: one trigger in one sentence, with roles.
struct Draft {
  std::uint32_t sentence = 0;
  RuleMatch match;
  bool passive = false;
  CustomerRole customer;
  std::vector<ProviderRole> losing;
  std::vector<ProviderRole> gaining;
  bool to_self = false;            // own or colocated hardware
  bool from_public_cloud = false;  // "the public cloud", without a name
};

/// Fills the roles of each trigger match. Priority: slots of the pattern, prepositions, voice, order, then
/// what was said before: a pronoun or description is resolved to the last fitting subject (domain.md,
/// section 2.2).
class RoleFinder {
 public:
  explicit RoleFinder(const Reading& reading) : reading_(reading) {}
  void find(std::vector<Draft>& drafts);

 private:
  struct Party {
    std::int32_t mention = -1;
    std::uint32_t first = 0, last = 0;
  };

  bool is_provider(const Mention& mention) const;
  bool is_party(std::uint32_t mention) const;
  bool is_outlet(std::uint32_t sentence, const Mention& mention) const;
  std::string_view preposition_before(std::uint32_t sentence, std::uint32_t token) const;
  bool same_family(std::uint32_t a, std::uint32_t b) const;
  bool passive(std::uint32_t sentence, std::uint32_t token) const;
  void fill(Draft& draft) const;
  void providers(Draft& draft) const;
  void place_provider(Draft& draft, std::uint32_t mention) const;
  void inherit_losing(Draft& draft) const;
  void find_gaining(Draft& draft) const;
  void customer(Draft& draft) const;
  double salience(std::uint32_t mention) const;
  std::optional<CustomerRole> party(const Draft& draft, bool left) const;
  std::optional<CustomerRole> subject(const Draft& draft) const;
  std::optional<CustomerRole> object(const Draft& draft) const;
  std::optional<CustomerRole> antecedent(std::uint32_t sentence, const Draft& draft) const;
  std::optional<CustomerRole> described(std::uint32_t sentence, std::uint32_t first,
                                        std::uint32_t last) const;
  bool taken(const Draft& draft, std::uint32_t mention) const;

  const Reading& reading_;
};

}  // namespace churnwire
