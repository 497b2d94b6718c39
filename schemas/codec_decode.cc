#include <fmt/core.h>
#include <simdjson.h>

#include <algorithm>
#include <utility>

#include "schemas/article_decoder.h"
#include "schemas/codec.h"
#include "schemas/codec_text.h"
#include "schemas/json_text.h"

namespace churnwire {
namespace {

using simdjson::dom::element;
using simdjson::dom::object;

/// Reads the fields of our own records. The first fault sticks: later reads do nothing, so callers read
/// straight on and look once at the end.
class RecordReader {
 public:
  const std::optional<DecodeError>& error() const { return error_; }

  void read(const object& json, Signal& signal);
  void read(const object& json, EventRow& row);
  void read(const object& json, Alert& alert);

 private:
  void row_fields(const object& json, EventRow& row);
  void read(element value, std::string& out) {
    std::string_view text;
    if (value.get(text) != simdjson::SUCCESS) return wrong_type("a string");
    out = text;
  }
  void read(element value, bool& out) {
    if (value.get(out) != simdjson::SUCCESS) wrong_type("a boolean");
  }
  void read(element value, std::int64_t& out) {
    if (value.get(out) != simdjson::SUCCESS) wrong_type("an integer");
  }
  template <class Int>
    requires(std::is_same_v<Int, std::int32_t> || std::is_same_v<Int, std::uint32_t>)
  void read(element value, Int& out) {
    std::int64_t wide = 0;
    if (value.get(wide) != simdjson::SUCCESS) return wrong_type("an integer");
    if (!std::in_range<Int>(wide)) return fail(DecodeReason::bad_value, "is out of range");
    out = static_cast<Int>(wide);
  }
  void read(element value, double& share) {
    if (value.get(share) != simdjson::SUCCESS) return wrong_type("a number");
    if (!(share >= 0 && share <= 1)) fail(DecodeReason::bad_value, "is not between 0 and 1");
  }
  void read(element value, Timestamp& out);
  void read(element value, std::chrono::sys_days& out);
  void read(element value, std::uint64_t& hash);
  template <class Enum>
    requires std::is_enum_v<Enum>
  void read(element value, Enum& out) {
    std::string_view word;
    if (value.get(word) != simdjson::SUCCESS) return wrong_type("a string");
    const std::optional<Enum> parsed = parse<Enum>(word);
    if (!parsed) return fail(DecodeReason::bad_value, "is not a word of its vocabulary");
    out = *parsed;
  }
  template <class T>
  void read(element value, std::optional<T>& out) {
    out.reset();
    if (value.is_null()) return;
    read(value, out.emplace());
  }
  template <class T>
  void read(element value, std::vector<T>& out);
  template <class T>
    requires std::is_class_v<T>
  void read(element value, T& out) {
    object json;
    if (value.get(json) != simdjson::SUCCESS) return wrong_type("an object");
    read(json, out);
  }
  void read(const object& json, ProviderRef& provider);
  void read(const object& json, Customer& customer);
  void read(const object& json, Scope& scope);
  void read(const object& json, Money& money);
  void read(const object& json, Origin& origin);
  void read(const object& json, Effective& effective);
  void read(const object& json, Evidence& evidence);
  void read(const object& json, PhaseChange& change);
  void read(const object& json, Denial& denial);
  void read(const object& json, EventLink& link);
  void read(const object& json, Corroboration& corroboration);
  void read(const object& json, EventTimes& times);
  void read(const object& json, EventRow::State& state);
  template <class Record>
  void churn_fields(const object& json, Record& record);

  template <class T>
  void field(const object& json, std::string_view key, T& out) {
    if (error_) return;
    const std::size_t parent = enter(key);
    element value;
    if (json.at_key(key).get(value) != simdjson::SUCCESS) {
      fail(DecodeReason::missing_field, "is missing");
    } else {
      read(value, out);
    }
    path_.resize(parent);
  }
  /// A text that is null on the wire when it is empty here.
  void field_or_null(const object& json, std::string_view key, std::string& out) {
    std::optional<std::string> text;
    field(json, key, text);
    out = text ? std::move(*text) : std::string();
  }
  /// A text that is left out of the object when it is empty.
  void field_if_present(const object& json, std::string_view key, std::string& out) {
    out.clear();
    element value;
    if (json.at_key(key).get(value) == simdjson::SUCCESS) field(json, key, out);
  }

  std::size_t enter(std::string_view key) {
    const std::size_t parent = path_.size();
    if (parent != 0) path_ += '.';
    path_ += key;
    return parent;
  }
  void wrong_type(std::string_view expected) {
    fail(DecodeReason::wrong_type, fmt::format("must be {}", expected));
  }
  void fail(DecodeReason reason, std::string_view what) {
    if (!error_) error_ = DecodeError{reason, path_, 0, fmt::format("{} {}", path_, what)};
  }

  std::string path_;
  std::optional<DecodeError> error_;
};

void RecordReader::read(element value, Timestamp& out) {
  std::string_view text;
  if (value.get(text) != simdjson::SUCCESS) return wrong_type("a string");
  const std::optional<Timestamp> time = parse_rfc3339(text);
  if (!time) return fail(DecodeReason::bad_value, "is not an RFC 3339 time");
  out = *time;
}

void RecordReader::read(element value, std::chrono::sys_days& out) {
  Timestamp time;
  read(value, time);
  out = std::chrono::floor<std::chrono::days>(time);
  if (!error_ && Timestamp{out} != time) fail(DecodeReason::bad_value, "is not a date");
}

void RecordReader::read(element value, std::uint64_t& hash) {
  std::string_view text;
  if (value.get(text) != simdjson::SUCCESS) return wrong_type("a string");
  const std::optional<std::uint64_t> parsed = parse_hash(text);
  if (!parsed) return fail(DecodeReason::bad_value, "is not 16 lower-case hex digits");
  hash = *parsed;
}

template <class T>
void RecordReader::read(element value, std::vector<T>& out) {
  out.clear();
  simdjson::dom::array json;
  if (value.get(json) != simdjson::SUCCESS) return wrong_type("an array");
  const std::size_t parent = path_.size();
  for (const element item : json) {
    path_ += fmt::format("[{}]", out.size());
    read(item, out.emplace_back());
    if (error_) return;
    path_.resize(parent);
  }
}

void RecordReader::read(const object& json, ProviderRef& provider) {
  field(json, "id", provider.id);
  field(json, "name", provider.name);
}

void RecordReader::read(const object& json, Customer& customer) {
  field_or_null(json, "id", customer.id);
  field_or_null(json, "name", customer.name);
  field(json, "anonymity", customer.anonymity);
  field_or_null(json, "description", customer.description);
  field(json, "mentions", customer.mentions);
}

void RecordReader::read(const object& json, Scope& scope) {
  field(json, "kind", scope.kind);
  field(json, "workloads", scope.workloads);
  field(json, "regions", scope.regions);
}

void RecordReader::read(const object& json, Money& money) {
  field(json, "amount", money.amount);
  field(json, "currency", money.currency);
  field(json, "usd", money.usd);
  field(json, "basis", money.basis);
  field(json, "approx", money.approx);
  field(json, "begin", money.begin);
  field(json, "end", money.end);
  field(json, "field", money.field);
  if (!error_ && money.begin > money.end) fail(DecodeReason::bad_value, "ends before it begins");
}

void RecordReader::read(const object& json, Origin& origin) {
  field_or_null(json, "name", origin.name);
  field(json, "anonymous_sources", origin.anonymous_sources);
}

void RecordReader::read(const object& json, Effective& effective) {
  field(json, "start", effective.start);
  field(json, "end", effective.end);
}

void RecordReader::read(const object& json, Evidence& evidence) {
  field(json, "field", evidence.field);
  field(json, "begin", evidence.begin);
  field(json, "end", evidence.end);
  field(json, "rule", evidence.rule);
  field(json, "trigger", evidence.trigger);
  field(json, "cues", evidence.cues);
  field_if_present(json, "article_uri", evidence.article_uri);
  field_if_present(json, "quote", evidence.quote);
  if (!error_ && evidence.begin > evidence.end) fail(DecodeReason::bad_value, "ends before it begins");
}

void RecordReader::read(const object& json, PhaseChange& change) {
  field(json, "phase", change.phase);
  field(json, "at", change.at);
}

void RecordReader::read(const object& json, Denial& denial) {
  field(json, "article_uri", denial.article_uri);
  field(json, "source", denial.source);
  field(json, "at", denial.at);
}

void RecordReader::read(const object& json, EventLink& link) {
  field(json, "event_id", link.event_id);
  field(json, "why", link.why);
}

void RecordReader::read(const object& json, Corroboration& corroboration) {
  field(json, "articles", corroboration.articles);
  field(json, "syndication_groups", corroboration.syndication_groups);
  field(json, "independent_origins", corroboration.independent_origins);
  field(json, "languages", corroboration.languages);
}

void RecordReader::read(const object& json, EventTimes& times) {
  field(json, "event", times.event);
  field(json, "first_published", times.first_published);
  field(json, "first_seen", times.first_seen);
  field(json, "last_published", times.last_published);
}

void RecordReader::read(const object& json, EventRow::State& state) {
  field(json, "signals", state.signals);
  field(json, "article_sketch", state.article_sketch);
  field(json, "alerted", state.alerted);
}

template <class Record>
void RecordReader::churn_fields(const object& json, Record& record) {
  field(json, "event_type", record.event_type);
  field(json, "phase", record.phase);
  field(json, "fact_level", record.fact_level);
  field(json, "historic", record.historic);
  field(json, "customer", record.customer);
  field(json, "losing_providers", record.losing_providers);
  field(json, "gaining_providers", record.gaining_providers);
  field(json, "scope", record.scope);
  field(json, "money", record.money);
  field(json, "annual_value_usd", record.annual_value_usd);
  field(json, "reasons", record.reasons);
  field(json, "origin", record.origin);
  field(json, "effective", record.effective);
  field(json, "confidence", record.confidence);
  field(json, "evidence", record.evidence);
  field(json, "ruleset", record.ruleset);
  field(json, "cdn", record.cdn);
  field(json, "headline", record.headline);
}

void RecordReader::read(const object& json, Signal& signal) {
  field(json, "signal_id", signal.signal_id);
  field(json, "article_uri", signal.article_uri);
  field(json, "published_at", signal.published_at);
  field(json, "language", signal.language);
  field(json, "source", signal.source);
  churn_fields(json, signal);
  field(json, "time_assumed", signal.time_assumed);
  field_or_null(json, "article_version", signal.article_version);
  field(json, "canceled", signal.canceled);
  field(json, "customer_traits", signal.customer_traits);
  field(json, "fingerprint", signal.fingerprint);
  field(json, "quotes", signal.quotes);
}

void RecordReader::row_fields(const object& json, EventRow& row) {
  field(json, "event_id", row.event_id);
  field(json, "revision", row.revision);
  field(json, "retracted", row.retracted);
  field_or_null(json, "superseded_by", row.superseded_by);
  churn_fields(json, row);
  field(json, "phase_history", row.phase_history);
  field(json, "denials", row.denials);
  field(json, "linked_event_ids", row.linked_event_ids);
  field(json, "corroboration", row.corroboration);
  field(json, "times", row.times);
  field(json, "novelty", row.novelty);
  field(json, "days_since_similar", row.days_since_similar);
  field(json, "stale_republication", row.stale_republication);
}

void RecordReader::read(const object& json, EventRow& row) {
  row_fields(json, row);
  field(json, "state", row.state);
}

/// The structured mode holds the attributes beside the data; in binary mode the data stands alone.
void RecordReader::read(const object& json, Alert& alert) {
  element data;
  object row = json;
  if (json.at_key("data").get(data) == simdjson::SUCCESS) {
    std::string type;
    field(json, "type", type);
    field(json, "time", alert.time);
    if (const auto parsed = parse_alert_type(type)) {
      alert.type = *parsed;
    } else {
      fail(DecodeReason::bad_value, "names a type of event that is not known");
    }
    if (data.get(row) != simdjson::SUCCESS) wrong_type("an object");
  }
  row_fields(row, alert.event);
  field(row, "change", alert.change);
}

/// Why simdjson would not parse `json`, in the words that article records get.
DecodeError parse_fault(std::string_view json, simdjson::error_code code) {
  if (auto fault = find_json_fault(json, kNestingDepthMax)) return *std::move(fault);
  // JSON by its grammar, but with a lone surrogate or a number that no field of ours can hold.
  return {DecodeReason::bad_value, "", 0,
          fmt::format("the record cannot be read: {}", simdjson::error_message(code))};
}

template <class Record>
std::expected<Record, DecodeError> decode_record(std::string_view json) {
  if (json.size() > kPayloadBytesMax) {
    return std::unexpected(
        DecodeError{DecodeReason::too_large, "", kPayloadBytesMax,
                    fmt::format("the record has {} bytes, the limit is {}", json.size(), kPayloadBytesMax)});
  }
  simdjson::dom::parser parser(kPayloadBytesMax);
  element root;
  simdjson::error_code code = parser.allocate(std::max<std::size_t>(json.size(), 1), kNestingDepthMax);
  if (code == simdjson::SUCCESS) code = parser.parse(json.data(), json.size()).get(root);
  if (code != simdjson::SUCCESS) return std::unexpected(parse_fault(json, code));
  object fields;
  if (root.get(fields) != simdjson::SUCCESS) {
    return std::unexpected(DecodeError{DecodeReason::wrong_type, "", 0, "the record must be an object"});
  }
  Record record;
  RecordReader reader;
  reader.read(fields, record);
  if (reader.error()) return std::unexpected(*reader.error());
  return record;
}

}  // namespace

std::expected<Signal, DecodeError> decode_signal(std::string_view json) {
  return decode_record<Signal>(json);
}

std::expected<EventRow, DecodeError> decode_event_row(std::string_view json) {
  return decode_record<EventRow>(json);
}

std::optional<AlertType> parse_alert_type(std::string_view ce_type) {
  constexpr std::string_view kBefore = "io.churnwire.event.";
  constexpr std::string_view kAfter = ".v1";
  if (!ce_type.starts_with(kBefore) || !ce_type.ends_with(kAfter)) return std::nullopt;
  ce_type.remove_prefix(kBefore.size());
  ce_type.remove_suffix(kAfter.size());
  return parse<AlertType>(ce_type);
}

std::expected<Alert, DecodeError> decode_alert(std::string_view json) {
  return decode_record<Alert>(json);
}

}  // namespace churnwire
