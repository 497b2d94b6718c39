#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "schemas/time.h"
#include "schemas/vocabulary.h"

namespace churnwire {

/// A provider by catalog id ("aws"; "self-hosted" for own or colocated hardware) and display name.
struct ProviderRef {
  std::string id;
  std::string name;
  bool operator==(const ProviderRef&) const = default;
};

/// Who leaves, shrinks or is dropped. Named: `id` (catalog id, else a slug of the name) and `name` are set,
/// and a brand carries the id of its group where the catalog ties them. Unnamed: `id` and `name` are empty
/// and `description` holds the words of the article. `mentions` are the spellings met, in order, distinct.
struct Customer {
  std::string id;
  std::string name;
  Anonymity anonymity = Anonymity::named;
  std::string description;
  std::vector<std::string> mentions;
  bool operator==(const Customer&) const = default;
};

/// How much of the customer's use of the provider is concerned.
struct Scope {
  ScopeKind kind = ScopeKind::unknown;
  std::vector<std::string> workloads;
  std::vector<std::string> regions;
  bool operator==(const Scope&) const = default;
};

/// One amount of money of the churn, in whole units of `currency` (ISO 4217). `usd` is empty where no rate is
/// known. The offsets are bytes of `field` as received.
struct Money {
  std::int64_t amount = 0;
  std::string currency;
  std::optional<std::int64_t> usd;
  MoneyBasis basis = MoneyBasis::unknown;
  bool approx = false;
  Field field = Field::body;
  std::uint32_t begin = 0;
  std::uint32_t end = 0;
  bool operator==(const Money&) const = default;
};

/// Where the report comes from in the end ("Caixin" for five outlets that cite Caixin).
struct Origin {
  std::string name;  // empty: the article's own source
  bool anonymous_sources = false;
  bool operator==(const Origin&) const = default;
};

/// When the churn takes effect, as far as stated.
struct Effective {
  std::optional<std::chrono::sys_days> start;
  std::optional<std::chrono::sys_days> end;
  bool operator==(const Effective&) const = default;
};

/// A byte range of the article that supports the signal, and what fired there.
struct Evidence {
  Field field = Field::body;
  std::uint32_t begin = 0;
  std::uint32_t end = 0;
  std::string rule;               // "en.stop-hosting"
  std::string trigger;            // the words that fired, cleaned
  std::vector<std::string> cues;  // "decided", "reportedly"
  std::string article_uri;        // set in event rows and alerts only, where evidence of many articles meets
  std::string quote;              // set in event rows and alerts only: the cleaned text of the range, bounded
  bool operator==(const Evidence&) const = default;
};

/// What one article says about one churn event. A function of the article alone. Owns its strings.
struct Signal {
  std::string signal_id;  // hex, 32 digits
  std::string article_uri;
  std::string article_version;  // empty when the feed has none
  Timestamp published_at{};
  std::string language;  // as detected or confirmed, BCP 47
  std::string source;
  EventType event_type = EventType::exit;
  Phase phase = Phase::decided;
  FactLevel fact_level = FactLevel::reported;
  bool historic = false;
  bool cdn = false;  // the losing provider is a CDN or edge cloud (labelling guide, section 1)
  Customer customer;
  std::vector<ProviderRef> losing_providers;   // in order of mention
  std::vector<ProviderRef> gaining_providers;  // in order of mention
  Scope scope;
  std::vector<Money> money;
  std::optional<std::int64_t> annual_value_usd;
  std::vector<Reason> reasons;  // the main one first
  Origin origin;
  Effective effective;
  double confidence = 0;  // calibrated probability, rounded to 4 decimals
  bool time_assumed = false;
  bool canceled = false;                     // a kill notice: what this article said before no longer counts
  std::vector<std::string> customer_traits;  // industry and size words of an unnamed customer, for linking
  std::uint64_t fingerprint = 0;             // SimHash of the article's cleaned text, for syndication
  std::string headline;                      // cleaned title, bounded
  std::vector<Evidence> evidence;
  std::vector<std::string>
      quotes;           // the cleaned text of each evidence range, bounded; same order as evidence
  std::string ruleset;  // version of rules and data that made it
  bool operator==(const Signal&) const = default;
};

/// The Kafka key of a signal: the id of the losing provider mentioned first, or "unknown".
inline std::string_view signal_key(const Signal& signal) {
  return signal.losing_providers.empty() ? std::string_view("unknown") : signal.losing_providers.front().id;
}

}  // namespace churnwire
