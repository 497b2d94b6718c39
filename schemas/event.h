#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "schemas/signal.h"

namespace churnwire {

/// A phase and the publication time of the earliest article that carries it. Sorted by time, then phase.
struct PhaseChange {
  Phase phase = Phase::decided;
  Timestamp at{};
  bool operator==(const PhaseChange&) const = default;
};

/// A report that a party denies the churn.
struct Denial {
  std::string article_uri;
  std::string source;
  Timestamp at{};
  bool operator==(const Denial&) const = default;
};

/// Another event that belongs to the same story, and why the two were linked.
struct EventLink {
  std::string event_id;
  std::string why;
  bool operator==(const EventLink&) const = default;
};

/// How widely the event is reported. Syndicated copies of one text are one group; outlets that cite one
/// source are one origin.
struct Corroboration {
  std::uint32_t articles = 0;
  std::uint32_t syndication_groups = 0;
  std::uint32_t independent_origins = 0;
  std::vector<std::string> languages;  // sorted
  bool operator==(const Corroboration&) const = default;
};

/// The instants of an event: `event` as the article dates it (effective start, else first publication).
struct EventTimes {
  Timestamp event{};
  Timestamp first_published{};
  Timestamp last_published{};
  Timestamp first_seen{};  // publication time of the signal that opened the event
  bool operator==(const EventTimes&) const = default;
};

/// One churn as the world knows it: the merged signals, one row of the compacted topic `churn.events`.
/// Owns its strings.
struct EventRow {
  std::string event_id;
  std::uint32_t revision = 0;
  bool retracted = false;
  std::string superseded_by;  // set with `retracted` when the event was joined with an older one
  EventType event_type = EventType::exit;
  Phase phase = Phase::decided;
  FactLevel fact_level = FactLevel::reported;
  bool historic = false;
  bool cdn = false;
  Customer customer;
  std::vector<ProviderRef> losing_providers;
  std::vector<ProviderRef> gaining_providers;
  Scope scope;
  std::vector<Money> money;
  std::optional<std::int64_t> annual_value_usd;
  std::vector<Reason> reasons;
  Origin origin;
  Effective effective;
  double confidence = 0;
  std::vector<PhaseChange> phase_history;
  std::vector<Denial> denials;
  std::vector<EventLink> linked_event_ids;
  Corroboration corroboration;
  EventTimes times;
  double novelty = 1;  // 1: first of its kind in the window; falls to 0 with each repetition
  std::optional<std::int32_t> days_since_similar;
  bool stale_republication = false;
  std::vector<Evidence> evidence;  // bounded
  std::string ruleset;
  std::string headline;  // one sentence from slots; a rumour carries its hedge
  /// The bounded set of signals from which everything above is derived, and the counters that outlive the
  /// bound: what a worker needs to go on after a restart. In rows of `churn.events` only, never in alerts.
  struct State {
    std::vector<Signal> signals;                // sorted by signal_id
    std::vector<std::uint64_t> article_sketch;  // K smallest hashes of article uris (a KMV sketch), sorted
    bool alerted = false;                       // an alert for this event was published
    bool operator==(const State&) const = default;
  };
  State state;
  bool operator==(const EventRow&) const = default;
};

/// One published change of an event: a CloudEvents 1.0 event whose data is the row without its state.
struct Alert {
  AlertType type = AlertType::created;
  std::string site;                 // CloudEvents source is "/churnwire/" + site
  Timestamp time{};                 // publication time of the article that caused it
  std::vector<std::string> change;  // names of fields that are new, sorted
  EventRow event;                   // state is empty
};

}  // namespace churnwire
