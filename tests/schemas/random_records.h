#pragma once

#include <array>
#include <optional>
#include <random>
#include <string>
#include <type_traits>
#include <vector>

#include "schemas/event.h"
#include "schemas/signal.h"

namespace churnwire::test {

/// Random records that keep to the schemas: any UTF-8 in free text, every optional present or not, empty and
/// filled lists. One seed is one sequence.
class RandomRecords {
 public:
  explicit RandomRecords(std::uint32_t seed) : random_(seed) {}

  Signal signal() {
    Signal s;
    s.signal_id = hex(32);
    s.article_uri = some_text();
    s.article_version = text();
    s.published_at = time();
    s.language = language();
    s.source = text();
    churn(s);
    s.time_assumed = coin();
    s.canceled = coin();
    s.customer_traits = list([&] { return text(); });
    s.fingerprint = random_();
    s.quotes = list([&] { return text(); });
    return s;
  }

  EventRow event_row() {
    EventRow row;
    row.event_id = some_text();
    row.revision = static_cast<std::uint32_t>(random_());
    row.retracted = coin();
    row.superseded_by = text();
    churn(row);
    row.phase_history = list([&] { return PhaseChange{word<Phase>(), time()}; });
    row.denials = list([&] { return Denial{text(), text(), time()}; });
    row.linked_event_ids = list([&] { return EventLink{some_text(), text()}; });
    row.corroboration = {number<std::uint32_t>(), number<std::uint32_t>(), number<std::uint32_t>(),
                         list([&] { return language(); })};
    row.times = {time(), time(), time(), time()};
    row.novelty = share();
    row.days_since_similar = maybe([&] { return static_cast<std::int32_t>(random_()); });
    row.stale_republication = coin();
    row.state.signals = list([&] { return signal(); });
    row.state.article_sketch = list([&] { return random_(); });
    row.state.alerted = coin();
    return row;
  }

  Alert alert() {
    Alert a;
    a.type = word<AlertType>();
    a.site = text();
    a.time = time();
    a.change = coin() ? std::vector<std::string>{"money", "phase"} : std::vector<std::string>{};
    a.event = event_row();
    a.event.state = {};
    return a;
  }

 private:
  bool coin() { return (random_() & 1U) != 0; }
  std::size_t below(std::size_t bound) { return random_() % bound; }
  template <class Int>
  Int number() {
    return static_cast<Int>(random_() >> (32 + below(31)));
  }
  double share() { return static_cast<double>(below(10'001)) / 10'000.0; }
  template <class Enum>
  Enum word() {
    return static_cast<Enum>(below(kWords<Enum>.size()));
  }
  template <class Make>
  std::optional<std::invoke_result_t<Make>> maybe(Make&& make) {
    if (!coin()) return std::nullopt;
    return make();
  }
  template <class Make>
  std::vector<std::invoke_result_t<Make>> list(Make&& make) {
    std::vector<std::invoke_result_t<Make>> values(below(4));
    for (auto& value : values) value = make();
    return values;
  }
  std::string text() {
    static constexpr std::array<std::string_view, 18> kPieces{"a", "Z",  "0",      " ",    "\"",     "\\",
                                                              "/", "\n", "\t",     "\x01", "\x1f",   "\x7f",
                                                              "é", "中", "\u2028", "😀",   "\u0301", "</b>"};
    std::string text;
    for (std::size_t i = below(12); i > 0; --i) {
      const std::size_t piece = below(kPieces.size() + 1);
      text += piece == kPieces.size() ? std::string_view("\0", 1) : kPieces[piece];
    }
    return text;
  }
  std::string some_text() { return "x" + text(); }
  std::string hex(std::size_t digits) {
    std::string text;
    for (std::size_t i = 0; i < digits; ++i) text += "0123456789abcdef"[below(16)];
    return text;
  }
  std::string language() { return std::array{"en", "zh-Hant", "de-AT", "und"}[below(4)]; }
  std::string slug() { return std::array{"aws", "self-hosted", "microsoft-365"}[below(3)]; }
  /// Any instant of the years 0000 to 9999, often without milliseconds.
  Timestamp time() {
    const std::int64_t second = static_cast<std::int64_t>(random_() % 315'569'520'000U) - 62'167'219'200;
    return Timestamp{
        std::chrono::milliseconds{second * 1000 + (coin() ? static_cast<std::int64_t>(below(1000)) : 0)}};
  }
  std::chrono::sys_days day() { return std::chrono::floor<std::chrono::days>(time()); }
  std::uint32_t offset() { return static_cast<std::uint32_t>(below(1U << 23U)); }

  Evidence evidence() {
    const std::uint32_t begin = offset();
    return {word<Field>(), begin, begin + offset(), some_text(), text(), list([&] { return text(); }),
            text(),        text()};
  }
  Money money() {
    const std::uint32_t begin = offset();
    return {number<std::int64_t>() * 1'000'000,
            std::array{"USD", "CNY", "EUR"}[below(3)],
            maybe([&] { return number<std::int64_t>(); }),
            word<MoneyBasis>(),
            coin(),
            word<Field>(),
            begin,
            begin + offset()};
  }
  template <class Record>
  void churn(Record& r) {
    r.event_type = word<EventType>();
    r.phase = word<Phase>();
    r.fact_level = word<FactLevel>();
    r.historic = coin();
    r.cdn = coin();
    r.customer = {text(), text(), word<Anonymity>(), text(), list([&] { return text(); })};
    r.losing_providers = list([&] { return ProviderRef{slug(), text()}; });
    r.gaining_providers = list([&] { return ProviderRef{slug(), text()}; });
    r.scope = {word<ScopeKind>(), list([&] { return text(); }), list([&] { return text(); })};
    r.money = list([&] { return money(); });
    r.annual_value_usd = maybe([&] { return number<std::int64_t>(); });
    if (coin()) r.reasons = {Reason::cost, word<Reason>() == Reason::cost ? Reason::policy : Reason::outage};
    r.origin = {text(), coin()};
    r.effective = {maybe([&] { return day(); }), maybe([&] { return day(); })};
    r.confidence = share();
    r.evidence = list([&] { return evidence(); });
    r.ruleset = text();
    r.headline = text();
  }

  std::mt19937_64 random_;
};

}  // namespace churnwire::test
