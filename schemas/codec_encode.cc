#include <fmt/core.h>
#include <rapidjson/writer.h>

#include <algorithm>
#include <cmath>

#include "schemas/codec.h"
#include "schemas/codec_text.h"

namespace churnwire {
namespace {

/// The output side of a RapidJSON writer over a string that grows.
class StringSink {
 public:
  using Ch = char;
  explicit StringSink(std::string& out) : out_(out) {}
  void Put(char c) { out_.push_back(c); }
  void Flush() {}

 private:
  std::string& out_;
};

/// Writes our records as JSON, one function a type. Every `write` is a whole value; `field` writes a key and
/// its value.
class RecordWriter {
 public:
  explicit RecordWriter(std::string& out) : sink_(out), json_(sink_) {}

  void signal(const Signal& signal);
  void event_row(const EventRow& row);
  void alert_data(const Alert& alert);
  void alert_structured(const Alert& alert);

 private:
  // RapidJSON takes pointer and length; the linter does not see the length behind size().
  // NOLINTBEGIN(bugprone-suspicious-stringview-data-usage)
  void write(std::string_view text) { json_.String(text.data(), size(text)); }
  void key(std::string_view text) { json_.Key(text.data(), size(text)); }
  // NOLINTEND(bugprone-suspicious-stringview-data-usage)
  void write(bool value) { json_.Bool(value); }
  void write(std::int64_t value) { json_.Int64(value); }
  void write(std::int32_t value) { json_.Int(value); }
  void write(std::uint32_t value) { json_.Uint(value); }
  void write(Timestamp time) { write(std::string_view(format_rfc3339(time))); }
  void write(std::chrono::sys_days day) { write(std::string_view(format_date(day))); }
  void write(const ProviderRef& provider);
  void write(const Customer& customer);
  void write(const Scope& scope);
  void write(const Money& money);
  void write(const Origin& origin);
  void write(const Effective& effective);
  void write(const Evidence& evidence);
  void write(const PhaseChange& change);
  void write(const Denial& denial);
  void write(const EventLink& link);
  void write(const Corroboration& corroboration);
  void write(const EventTimes& times);
  void write(const EventRow::State& state);
  void write(const Signal& value) { signal(value); }
  void write(const std::string& text) { write(std::string_view(text)); }
  void write(double share) {
    const std::string text = format_share(share);
    json_.RawValue(text.data(), text.size(), rapidjson::kNumberType);
  }
  template <class Enum>
    requires std::is_enum_v<Enum>
  void write(Enum value) {
    write(name(value));
  }
  template <class T>
  void write(const std::optional<T>& value) {
    if (value) {
      write(*value);
    } else {
      json_.Null();
    }
  }
  template <class T>
  void write(const std::vector<T>& values) {
    json_.StartArray();
    for (const T& value : values) write(value);
    json_.EndArray();
  }

  template <class T>
  void field(std::string_view field_name, const T& value) {
    key(field_name);
    write(value);
  }
  void field_or_null(std::string_view field_name, const std::string& value) {
    key(field_name);
    if (value.empty()) {
      json_.Null();
    } else {
      write(value);
    }
  }
  /// What signals and rows have in common, in the order of the contract.
  template <class Record>
  void churn_fields(const Record& record);
  void row_fields(const EventRow& row);
  void alert_fields(const Alert& alert);

  static rapidjson::SizeType size(std::string_view text) {
    return static_cast<rapidjson::SizeType>(text.size());
  }

  StringSink sink_;
  rapidjson::Writer<StringSink> json_;
};

void RecordWriter::write(const ProviderRef& provider) {
  json_.StartObject();
  field("id", provider.id);
  field("name", provider.name);
  json_.EndObject();
}

void RecordWriter::write(const Customer& customer) {
  json_.StartObject();
  field_or_null("id", customer.id);
  field_or_null("name", customer.name);
  field("anonymity", customer.anonymity);
  field_or_null("description", customer.description);
  field("mentions", customer.mentions);
  json_.EndObject();
}

void RecordWriter::write(const Scope& scope) {
  json_.StartObject();
  field("kind", scope.kind);
  field("workloads", scope.workloads);
  field("regions", scope.regions);
  json_.EndObject();
}

void RecordWriter::write(const Money& money) {
  json_.StartObject();
  field("amount", money.amount);
  field("currency", money.currency);
  field("usd", money.usd);
  field("basis", money.basis);
  field("approx", money.approx);
  field("begin", money.begin);
  field("end", money.end);
  field("field", money.field);
  json_.EndObject();
}

void RecordWriter::write(const Origin& origin) {
  json_.StartObject();
  field_or_null("name", origin.name);
  field("anonymous_sources", origin.anonymous_sources);
  json_.EndObject();
}

void RecordWriter::write(const Effective& effective) {
  json_.StartObject();
  field("start", effective.start);
  field("end", effective.end);
  json_.EndObject();
}

void RecordWriter::write(const Evidence& evidence) {
  json_.StartObject();
  field("field", evidence.field);
  field("begin", evidence.begin);
  field("end", evidence.end);
  field("rule", evidence.rule);
  field("trigger", evidence.trigger);
  field("cues", evidence.cues);
  if (!evidence.article_uri.empty()) field("article_uri", evidence.article_uri);
  if (!evidence.quote.empty()) field("quote", evidence.quote);
  json_.EndObject();
}

void RecordWriter::write(const PhaseChange& change) {
  json_.StartObject();
  field("phase", change.phase);
  field("at", change.at);
  json_.EndObject();
}

void RecordWriter::write(const Denial& denial) {
  json_.StartObject();
  field("article_uri", denial.article_uri);
  field("source", denial.source);
  field("at", denial.at);
  json_.EndObject();
}

void RecordWriter::write(const EventLink& link) {
  json_.StartObject();
  field("event_id", link.event_id);
  field("why", link.why);
  json_.EndObject();
}

void RecordWriter::write(const Corroboration& corroboration) {
  json_.StartObject();
  field("articles", corroboration.articles);
  field("syndication_groups", corroboration.syndication_groups);
  field("independent_origins", corroboration.independent_origins);
  field("languages", corroboration.languages);
  json_.EndObject();
}

void RecordWriter::write(const EventTimes& times) {
  json_.StartObject();
  field("event", times.event);
  field("first_published", times.first_published);
  field("first_seen", times.first_seen);
  field("last_published", times.last_published);
  json_.EndObject();
}

void RecordWriter::write(const EventRow::State& state) {
  json_.StartObject();
  field("signals", state.signals);
  json_.Key("article_sketch");
  json_.StartArray();
  for (const std::uint64_t hash : state.article_sketch) write(std::string_view(format_hash(hash)));
  json_.EndArray();
  field("alerted", state.alerted);
  json_.EndObject();
}

template <class Record>
void RecordWriter::churn_fields(const Record& record) {
  field("event_type", record.event_type);
  field("phase", record.phase);
  field("fact_level", record.fact_level);
  field("historic", record.historic);
  field("customer", record.customer);
  field("losing_providers", record.losing_providers);
  field("gaining_providers", record.gaining_providers);
  field("scope", record.scope);
  field("money", record.money);
  field("annual_value_usd", record.annual_value_usd);
  field("reasons", record.reasons);
  field("origin", record.origin);
  field("effective", record.effective);
  field("confidence", record.confidence);
}

void RecordWriter::signal(const Signal& signal) {
  json_.StartObject();
  field("signal_id", signal.signal_id);
  field("article_uri", signal.article_uri);
  field("published_at", signal.published_at);
  field("language", signal.language);
  field("source", signal.source);
  churn_fields(signal);
  field("time_assumed", signal.time_assumed);
  field("evidence", signal.evidence);
  field("ruleset", signal.ruleset);
  field_or_null("article_version", signal.article_version);
  field("cdn", signal.cdn);
  field("canceled", signal.canceled);
  field("customer_traits", signal.customer_traits);
  field("fingerprint", format_hash(signal.fingerprint));
  field("headline", signal.headline);
  field("quotes", signal.quotes);
  json_.EndObject();
}

void RecordWriter::row_fields(const EventRow& row) {
  field("event_id", row.event_id);
  field("revision", row.revision);
  field("retracted", row.retracted);
  field_or_null("superseded_by", row.superseded_by);
  churn_fields(row);
  field("phase_history", row.phase_history);
  field("denials", row.denials);
  field("linked_event_ids", row.linked_event_ids);
  field("corroboration", row.corroboration);
  field("times", row.times);
  field("novelty", row.novelty);
  field("days_since_similar", row.days_since_similar);
  field("stale_republication", row.stale_republication);
  field("evidence", row.evidence);
  field("ruleset", row.ruleset);
  field("cdn", row.cdn);
  field("headline", row.headline);
}

void RecordWriter::event_row(const EventRow& row) {
  json_.StartObject();
  row_fields(row);
  field("state", row.state);
  json_.EndObject();
}

void RecordWriter::alert_data(const Alert& alert) {
  json_.StartObject();
  row_fields(alert.event);
  field("change", alert.change);
  json_.EndObject();
}

void RecordWriter::alert_structured(const Alert& alert) {
  json_.StartObject();
  for (const auto& [key, value] : alert_attributes(alert)) field(key, value);
  json_.Key("data");
  alert_data(alert);
  json_.EndObject();
}

}  // namespace

void encode_signal(const Signal& signal, std::string& out) {
  RecordWriter(out).signal(signal);
}

void encode_event_row(const EventRow& row, std::string& out) {
  RecordWriter(out).event_row(row);
}

void encode_alert_data(const Alert& alert, std::string& out) {
  RecordWriter(out).alert_data(alert);
}

void encode_alert_structured(const Alert& alert, std::string& out) {
  RecordWriter(out).alert_structured(alert);
}

}  // namespace churnwire
