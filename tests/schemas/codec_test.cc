#include "schemas/codec.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "schemas/article_decoder.h"
#include "tests/schemas/random_records.h"

namespace churnwire {
namespace {

using test::RandomRecords;

constexpr int kRounds = 500;

std::string json_of(const Signal& signal) {
  std::string json;
  encode_signal(signal, json);
  return json;
}

std::string json_of(const EventRow& row) {
  std::string json;
  encode_event_row(row, json);
  return json;
}

Timestamp time(const char* text) {
  return *parse_rfc3339(text);
}

/// The signal of spec.md, section 4.
Signal example() {
  Signal s;
  s.signal_id = "00112233445566778899aabbccddeeff";
  s.article_uri = "caixin:1";
  s.published_at = time("2021-05-24T09:00:00Z");
  s.language = "en";
  s.source = "Caixin";
  s.event_type = EventType::partial_move;
  s.customer = {"bytedance", "ByteDance", Anonymity::named, "", {"ByteDance", "TikTok"}};
  s.losing_providers = {{"alibaba-cloud", "Alibaba Cloud"}};
  s.gaining_providers = {{"aws", "Amazon Web Services"}, {"oracle-cloud", "Oracle Cloud"}};
  s.scope = {ScopeKind::partial, {"TikTok", "overseas apps"}, {}};
  s.money = {{800000000, "USD", 800000000, MoneyBasis::per_year, true, Field::body, 0, 0}};
  s.annual_value_usd = 800000000;
  s.reasons = {Reason::regulation};
  s.origin = {"", true};
  s.confidence = 0.94;
  s.evidence = {{Field::body, 95, 181, "en.stop-hosting", "stop hosting", {"decided"}, "", ""}};
  s.ruleset = "r1";
  s.fingerprint = 0xFEDCBA9876543210U;
  s.headline = "h";
  s.quotes = {"q"};
  return s;
}

TEST(Codec, WritesASignalAsTheContractHasIt) {
  EXPECT_EQ(
      json_of(example()),
      R"({"signal_id":"00112233445566778899aabbccddeeff","article_uri":"caixin:1",)"
      R"("published_at":"2021-05-24T09:00:00Z","language":"en","source":"Caixin",)"
      R"("event_type":"partial_move","phase":"decided","fact_level":"reported","historic":false,)"
      R"("customer":{"id":"bytedance","name":"ByteDance","anonymity":"named","description":null,)"
      R"("mentions":["ByteDance","TikTok"]},)"
      R"("losing_providers":[{"id":"alibaba-cloud","name":"Alibaba Cloud"}],)"
      R"("gaining_providers":[{"id":"aws","name":"Amazon Web Services"},)"
      R"({"id":"oracle-cloud","name":"Oracle Cloud"}],)"
      R"("scope":{"kind":"partial","workloads":["TikTok","overseas apps"],"regions":[]},)"
      R"("money":[{"amount":800000000,"currency":"USD","usd":800000000,"basis":"per_year","approx":true,)"
      R"("begin":0,"end":0,"field":"body"}],)"
      R"("annual_value_usd":800000000,"reasons":["regulation"],)"
      R"("origin":{"name":null,"anonymous_sources":true},"effective":{"start":null,"end":null},)"
      R"("confidence":0.94,"time_assumed":false,)"
      R"("evidence":[{"field":"body","begin":95,"end":181,"rule":"en.stop-hosting",)"
      R"("trigger":"stop hosting","cues":["decided"]}],"ruleset":"r1","article_version":null,)"
      R"("cdn":false,"canceled":false,"customer_traits":[],"fingerprint":"fedcba9876543210",)"
      R"("headline":"h","quotes":["q"]})");
}

TEST(Codec, AnUnnamedCustomerHasNullForIdAndName) {
  Signal s = example();
  s.customer = {"", "", Anonymity::unnamed, "a top-class customer", {}};
  EXPECT_NE(json_of(s).find(R"("customer":{"id":null,"name":null,"anonymity":"unnamed",)"
                            R"("description":"a top-class customer","mentions":[]})"),
            std::string::npos);
}

TEST(Codec, ConfidenceHasAtMostFourDecimals) {
  const struct {
    double confidence;
    const char* json;
  } cases[] = {{0, "0"},
               {1, "1"},
               {0.5, "0.5"},
               {0.94, "0.94"},
               {0.12345, "0.1235"},
               {0.00004, "0"},
               {0.99996, "1"},
               {1.7, "1"},
               {-0.2, "0"},
               {std::nan(""), "0"},
               {std::numeric_limits<double>::infinity(), "1"},
               {0.0001, "0.0001"}};
  for (const auto& c : cases) {
    Signal s = example();
    s.confidence = c.confidence;
    EXPECT_NE(json_of(s).find(std::string("\"confidence\":") + c.json + ","), std::string::npos) << c.json;
  }
}

TEST(Codec, SignalsSurviveTheRoundTrip) {
  RandomRecords records(1);
  for (int i = 0; i < kRounds; ++i) {
    const Signal signal = records.signal();
    const std::string json = json_of(signal);
    const auto decoded = decode_signal(json);
    ASSERT_TRUE(decoded.has_value()) << decoded.error().message << "\n" << json;
    EXPECT_EQ(*decoded, signal) << json;
    EXPECT_EQ(json_of(*decoded), json);
  }
}

TEST(Codec, EventRowsSurviveTheRoundTrip) {
  RandomRecords records(2);
  for (int i = 0; i < kRounds; ++i) {
    const EventRow row = records.event_row();
    const std::string json = json_of(row);
    const auto decoded = decode_event_row(json);
    ASSERT_TRUE(decoded.has_value()) << decoded.error().message << "\n" << json;
    EXPECT_EQ(*decoded, row) << json;
    EXPECT_EQ(json_of(*decoded), json);
  }
}

TEST(Codec, EncodersAppend) {
  std::string out = "x";
  encode_signal(example(), out);
  EXPECT_EQ(out, "x" + json_of(example()));
}

TEST(Codec, UnknownFieldsAreIgnored) {
  std::string json = json_of(example());
  json.insert(1, R"("later":{"a":[1,null]},)");
  const auto decoded = decode_signal(json);
  ASSERT_TRUE(decoded.has_value());
  EXPECT_EQ(*decoded, example());
}

/// Replaces the first `from` of the example by `to` and decodes it.
struct BadSignal {
  const char* name;
  const char* from;
  const char* to;
  DecodeReason reason;
  const char* field;
};

const BadSignal kBadSignals[] = {
    {"missing", R"("language":"en",)", "", DecodeReason::missing_field, "language"},
    {"missing_inside", R"("begin":95,)", "", DecodeReason::missing_field, "evidence[0].begin"},
    {"null", R"("language":"en")", R"("language":null)", DecodeReason::wrong_type, "language"},
    {"number_for_text", R"("language":"en")", R"("language":1)", DecodeReason::wrong_type, "language"},
    {"text_for_number", R"("begin":95)", R"("begin":"95")", DecodeReason::wrong_type, "evidence[0].begin"},
    {"fraction_for_integer", R"("begin":95)", R"("begin":95.5)", DecodeReason::wrong_type,
     "evidence[0].begin"},
    {"negative_offset", R"("begin":95)", R"("begin":-1)", DecodeReason::bad_value, "evidence[0].begin"},
    {"offset_of_33_bits", R"("end":181)", R"("end":4294967296)", DecodeReason::bad_value, "evidence[0].end"},
    {"range_ends_before_it_begins", R"("begin":95)", R"("begin":182)", DecodeReason::bad_value,
     "evidence[0]"},
    {"unknown_word", R"("partial_move")", R"("partial")", DecodeReason::bad_value, "event_type"},
    {"unknown_word_inside", R"("per_year")", R"("yearly")", DecodeReason::bad_value, "money[0].basis"},
    {"text_for_list", R"("reasons":["regulation"])", R"("reasons":"regulation")", DecodeReason::wrong_type,
     "reasons"},
    {"list_for_object", R"({"name":null,"anonymous_sources":true})", "[]", DecodeReason::wrong_type,
     "origin"},
    {"not_a_time", "2021-05-24T09:00:00Z", "2021-05-24T09:00", DecodeReason::bad_value, "published_at"},
    {"not_a_date", R"("start":null)", R"("start":"2021-05-24T09:00:00Z")", DecodeReason::bad_value,
     "effective.start"},
    {"confidence_above_one", "0.94", "1.01", DecodeReason::bad_value, "confidence"},
    {"upper_case_hash", "fedcba9876543210", "FEDCBA9876543210", DecodeReason::bad_value, "fingerprint"},
    {"number_for_hash", R"("fedcba9876543210")", "1", DecodeReason::wrong_type, "fingerprint"},
    {"integer_of_65_bits", R"("amount":800000000)", R"("amount":36893488147419103232)",
     DecodeReason::bad_value, ""},
    {"invalid_utf8", "Caixin", "\xFF", DecodeReason::invalid_utf8, ""},
    {"lone_surrogate", "Caixin", "\\ud800", DecodeReason::bad_value, ""},
};

TEST(Codec, RefusesBadSignalsWithTheFieldAtFault) {
  for (const BadSignal& c : kBadSignals) {
    SCOPED_TRACE(c.name);
    std::string json = json_of(example());
    const std::size_t at = json.find(c.from);
    ASSERT_NE(at, std::string::npos);
    json.replace(at, std::string_view(c.from).size(), c.to);
    const auto decoded = decode_signal(json);
    ASSERT_FALSE(decoded.has_value());
    EXPECT_EQ(reason_code(decoded.error().reason), reason_code(c.reason)) << decoded.error().message;
    EXPECT_EQ(decoded.error().field, c.field);
  }
}

TEST(Codec, RefusesWhatIsNoRecord) {
  const struct {
    std::string json;
    DecodeReason reason;
  } cases[] = {{"", DecodeReason::empty_record},
               {" ", DecodeReason::empty_record},
               {"[]", DecodeReason::wrong_type},
               {"{}", DecodeReason::missing_field},
               {"{} {}", DecodeReason::trailing_content},
               {json_of(example()).substr(0, 100), DecodeReason::truncated},
               {std::string(10'000, '[') + std::string(10'000, ']'), DecodeReason::too_deep},
               {std::string(kPayloadBytesMax + 1, ' '), DecodeReason::too_large}};
  for (const auto& c : cases) {
    SCOPED_TRACE(c.json.substr(0, 20));
    for (const auto& error : {decode_signal(c.json).error(), decode_event_row(c.json).error()}) {
      EXPECT_EQ(reason_code(error.reason), reason_code(c.reason)) << error.message;
    }
  }
}

Alert example_alert() {
  Alert alert;
  alert.type = AlertType::identified;
  alert.site = "desk 1/a";
  alert.time = time("2021-05-24T09:00:00.5Z");
  alert.change = {"customer", "phase"};
  alert.event.event_id = "e1";
  alert.event.revision = 3;
  alert.event.headline = "ByteDance leaves Alibaba Cloud";
  return alert;
}

TEST(Codec, AlertHeadersAreTheBinaryKafkaBinding) {
  const std::vector<std::pair<std::string, std::string>> expected{
      {"ce_specversion", "1.0"},
      {"ce_id", "e1:3"},
      {"ce_source", "/churnwire/desk%201%2Fa"},
      {"ce_type", "io.churnwire.event.identified.v1"},
      {"ce_subject", "e1"},
      {"ce_time", "2021-05-24T09:00:00.500Z"},
      {"content-type", "application/json"},
      {"ce_dataschema", "urn:churnwire:schema:alert:1"}};
  EXPECT_EQ(alert_headers(example_alert()), expected);
}

TEST(Codec, StructuredAlertWrapsTheData) {
  std::string data;
  encode_alert_data(example_alert(), data);
  std::string structured;
  encode_alert_structured(example_alert(), structured);
  EXPECT_EQ(structured,
            R"({"specversion":"1.0","id":"e1:3","source":"/churnwire/desk%201%2Fa",)"
            R"("type":"io.churnwire.event.identified.v1","subject":"e1","time":"2021-05-24T09:00:00.500Z",)"
            R"("datacontenttype":"application/json","dataschema":"urn:churnwire:schema:alert:1","data":)" +
                data + "}");
}

TEST(Codec, AlertDataIsTheRowWithoutItsStateAndWithTheChange) {
  RandomRecords records(3);
  for (int i = 0; i < 50; ++i) {
    const Alert alert = records.alert();
    std::string data;
    encode_alert_data(alert, data);
    const std::string row = json_of(alert.event);
    const std::string_view state = R"("state":{"signals":[],"article_sketch":[],"alerted":false}})";
    ASSERT_TRUE(row.ends_with(state));
    const std::string change = alert.change.empty() ? R"("change":[]})" : R"("change":["money","phase"]})";
    EXPECT_EQ(data, row.substr(0, row.size() - state.size()) + change);
  }
}

}  // namespace
}  // namespace churnwire
