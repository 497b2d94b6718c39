#pragma once

#include <algorithm>
#include <chrono>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "operators/correlate/correlator.h"
#include "schemas/codec.h"
#include "tests/operators/text_data.h"

namespace churnwire::testing_correlate {

inline const Catalog& catalog() {
  static const Catalog kCatalog = [] {
    DataFiles files = testing_data::small_catalog();
    std::string& companies = files["catalog/companies.tsv"];
    const std::string_view traits = "internet,short-video";
    companies.replace(companies.find(traits), traits.size(), "internet,large,short-video");
    companies +=
        "capital\tCapital\t\tUS\tlarge,bank\n"
        "barclay\tBarclay\t\tGB\tlarge,bank\n"
        "shopper\tShopper\t\tUS\tretailer\n";
    return std::move(*Catalog::parse(files));
  }();
  return kCatalog;
}

inline Timestamp day(int days) {
  return std::chrono::sys_days(std::chrono::year{2021} / 1 / 1) + std::chrono::days(days);
}

/// A signal in words: make("s1", 3).customer("bytedance").from("alibaba-cloud").
struct Make {
  Signal signal;

  Make(const std::string& id, int at) {
    signal.signal_id = id;
    signal.article_uri = "article-" + id;
    signal.published_at = day(at);
    signal.language = "en";
    signal.source = "outlet-" + id;
    signal.confidence = 0.8;
    signal.losing_providers = {{"alibaba-cloud", "Alibaba Cloud"}};
    signal.ruleset = "test";
    signal.evidence = {{Field::body, 1, 9, "en.test", "leave", {}, "", ""}};
    signal.quotes = {"quote of " + id};
    customer("bytedance", "ByteDance");
  }
  Make& customer(const std::string& id, const std::string& name) {
    signal.customer = {id, name, Anonymity::named, "", {name}};
    return *this;
  }
  Make& unnamed(const std::string& description, std::vector<std::string> traits) {
    signal.customer = {"", "", Anonymity::unnamed, description, {}};
    signal.customer_traits = std::move(traits);
    return *this;
  }
  Make& from(const std::string& id) {
    signal.losing_providers = {{id, id}};
    return *this;
  }
  Make& to(const std::string& id) {
    signal.gaining_providers.push_back({id, id});
    return *this;
  }
  Make& phase(Phase phase) {
    signal.phase = phase;
    return *this;
  }
  Make& fact(FactLevel level) {
    signal.fact_level = level;
    return *this;
  }
  Make& type(EventType type) {
    signal.event_type = type;
    return *this;
  }
  Make& article(const std::string& uri, const std::string& version = "") {
    signal.article_uri = uri;
    signal.article_version = version;
    return *this;
  }
  Make& origin(const std::string& name, bool anonymous = false) {
    signal.origin = {name, anonymous};
    return *this;
  }
  Make& source(const std::string& name) {
    signal.source = name;
    return *this;
  }
  Make& print(std::uint64_t fingerprint) {
    signal.fingerprint = fingerprint;
    return *this;
  }
  Make& sure(double confidence) {
    signal.confidence = confidence;
    return *this;
  }
  Make& pays(std::int64_t amount, MoneyBasis basis = MoneyBasis::per_year) {
    signal.money.push_back({amount, "USD", amount, basis, false, Field::body, 0, 1});
    if (basis == MoneyBasis::per_year) signal.annual_value_usd = amount;
    return *this;
  }
  Make& workload(const std::string& text) {
    signal.scope.kind = ScopeKind::partial;
    signal.scope.workloads.push_back(text);
    return *this;
  }
  Make& historic() {
    signal.historic = true;
    return *this;
  }
  Make& killed() {
    signal.canceled = true;
    return *this;
  }
  Make& revealed(const std::string& description, std::vector<std::string> traits) {
    signal.customer.description = description;
    signal.customer_traits = std::move(traits);
    return *this;
  }
  operator const Signal&() const { return signal; }  // NOLINT(google-explicit-constructor)
};

inline std::vector<EventRow> current(const Correlator& correlator) {
  std::vector<EventRow> rows = correlator.rows();
  std::erase_if(rows, [](const EventRow& row) { return row.retracted; });
  return rows;
}

inline std::string text(const EventRow& row) {
  std::string encoded;
  encode_event_row(row, encoded);
  return encoded;
}

/// What spec.md section 2 promises to be equal after any order: all current rows but for ids, revision,
/// first_seen.
inline std::vector<std::string> outcome(const Correlator& correlator) {
  std::vector<std::string> texts;
  for (EventRow row : current(correlator)) {
    row.event_id.clear();
    row.revision = 0;
    row.times.first_seen = {};
    row.state.alerted = false;
    for (EventLink& link : row.linked_event_ids) link.event_id.clear();
    std::sort(row.linked_event_ids.begin(), row.linked_event_ids.end(),
              [](const EventLink& left, const EventLink& right) { return left.why < right.why; });
    texts.push_back(text(row));
  }
  std::sort(texts.begin(), texts.end());
  return texts;
}

inline std::string text(const CorrelateOutput& output) {
  std::string encoded;
  for (const EventRow& row : output.rows) {
    encode_event_row(row, encoded);
    encoded += '\n';
  }
  for (const Alert& alert : output.alerts) {
    encode_alert_structured(alert, encoded);
    encoded += '\n';
  }
  return encoded;
}

/// Applies one signal; returns rows and alerts as bytes.
inline std::string step(Correlator& correlator, const Signal& signal) {
  CorrelateOutput output;
  correlator.apply(signal, output);
  return text(output);
}

/// Signals from small pools, so that they meet: few customers, providers, articles, texts, outlets.
class RandomSignals {
 public:
  explicit RandomSignals(std::uint32_t seed) : random_(seed) {}

  std::vector<Signal> sequence(std::size_t count) {
    span_ = pick(3) == 0 ? 60 : 900;
    customers_ = 1 + pick(4);
    std::vector<Signal> signals;
    for (std::size_t i = 0; i < count; ++i) signals.push_back(one(i));
    return signals;
  }
  void shuffle(std::vector<Signal>& signals) { std::shuffle(signals.begin(), signals.end(), random_); }
  std::uint32_t pick(std::uint32_t count) { return static_cast<std::uint32_t>(random_() % count); }

 private:
  Signal one(std::size_t index) {
    static const std::vector<std::pair<std::string, std::string>> kCustomers{
        {"bytedance", "ByteDance"},
        {"capital", "Capital"},
        {"barclay", "Barclay"},
        {"nobody-knows", "Nobody Knows"}};
    static const std::vector<std::string> kProviders{"alibaba-cloud", "aws"};
    static const std::vector<std::string> kGains{"oracle-cloud", "azure", "self-hosted"};
    Make make("s" + std::to_string(1000 + index), static_cast<int>(pick(span_)));
    make.signal.published_at += std::chrono::milliseconds(pick(86'400'000));
    const auto& [id, name] = kCustomers[pick(customers_)];
    make.customer(id, name).from(kProviders[pick(8) == 0 ? 1 : 0]);
    if (pick(4) == 0) unnamed(make);
    make.phase(static_cast<Phase>(pick(7))).type(static_cast<EventType>(pick(11)));
    make.fact(static_cast<FactLevel>(pick(4))).sure((30 + pick(60)) / 100.0);
    if (pick(3) == 0) make.to(kGains[pick(3)]);
    if (pick(4) == 0) make.pays(1'000'000 * (1 + pick(3)), static_cast<MoneyBasis>(pick(8)));
    if (pick(3) == 0)
      make.workload(std::vector<std::string>{"email", "GPU training", "TikTok", "Email"}[pick(4)]);
    if (pick(4) == 0) make.origin("Origin " + std::to_string(pick(4)), pick(2) == 0);
    make.source("outlet-" + std::to_string(pick(12)));
    make.print(pick(2) == 0 ? 0 : std::uint64_t{0xF0F0} << (8 * pick(3)) | (std::uint64_t{1} << pick(4)));
    if (pick(16) == 0) make.historic();
    make.article("a" + std::to_string(pick(60)), pick(3) == 0 ? std::to_string(8 + pick(4)) : "");
    if (pick(3) == 0) make.signal.reasons = {static_cast<Reason>(pick(10)), static_cast<Reason>(pick(10))};
    if (pick(24) == 0) make.killed();
    return make;
  }

  void unnamed(Make& make) {
    static const std::vector<std::vector<std::string>> kTraits{
        {}, {"large"}, {"internet"}, {"bank"}, {"large", "bank"}, {"large", "internet", "short-video"}};
    make.unnamed("a customer " + std::to_string(pick(4)), kTraits[pick(6)]);
  }

  std::mt19937 random_;
  std::uint32_t span_ = 60;
  std::uint32_t customers_ = 2;
};

}  // namespace churnwire::testing_correlate
