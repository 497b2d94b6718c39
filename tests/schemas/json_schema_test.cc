#include <fmt/format.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "schemas/codec.h"
#include "tests/schemas/feed_files.h"
#include "tests/schemas/random_records.h"

namespace churnwire {
namespace {

namespace fs = std::filesystem;
using test::RandomRecords;

constexpr int kSamples = 200;

std::string schema_path(std::string_view schema) {
  return fmt::format("{}/schemas/{}.schema.json", CHURNWIRE_SOURCE_DIR, schema);
}

/// The file of the running test, so that tests can run side by side.
fs::path scratch_file() {
  const auto* const info = ::testing::UnitTest::GetInstance()->current_test_info();
  return fs::path(::testing::TempDir()) / fmt::format("churnwire-{}-{}.jsonl", info->name(), ::getpid());
}

/// Runs tests/schemas/validate.py with a Python that has jsonschema: the first on the path, else Debian's
/// own.
int validate(const std::string& mode, const std::string& schema, const std::string& content,
             const std::string& pointer = "") {
  const fs::path file = scratch_file();
  std::ofstream(file, std::ios::binary) << content;
  int status = 77;
  for (const char* python : {"python3", "/usr/bin/python3"}) {
    const std::string command = fmt::format("{} '{}/tests/schemas/validate.py' {} '{}' '{}' {}", python,
                                            CHURNWIRE_SOURCE_DIR, mode, schema, file.string(), pointer);
    status = WEXITSTATUS(std::system(command.c_str()));
    if (status != 77) break;
  }
  fs::remove(file);
  EXPECT_NE(status, 77) << "install python3-jsonschema";
  return status;
}

template <class Make>
std::string sample_lines(Make&& append) {
  std::string lines;
  for (int i = 0; i < kSamples; ++i) {
    append(lines);
    lines += '\n';
  }
  return lines;
}

TEST(JsonSchema, SignalsKeepToIt) {
  RandomRecords records(11);
  const std::string lines = sample_lines([&](std::string& out) { encode_signal(records.signal(), out); });
  EXPECT_EQ(validate("records", schema_path("signal"), lines), 0);
}

TEST(JsonSchema, EventRowsKeepToIt) {
  RandomRecords records(12);
  const std::string lines =
      sample_lines([&](std::string& out) { encode_event_row(records.event_row(), out); });
  EXPECT_EQ(validate("records", schema_path("event"), lines), 0);
}

TEST(JsonSchema, AlertsKeepToIt) {
  RandomRecords records(13);
  const std::string lines =
      sample_lines([&](std::string& out) { encode_alert_structured(records.alert(), out); });
  EXPECT_EQ(validate("records", schema_path("alert"), lines), 0);
}

TEST(JsonSchema, AlertDataKeepsToItsPart) {
  RandomRecords records(14);
  const std::string lines = sample_lines([&](std::string& out) { encode_alert_data(records.alert(), out); });
  EXPECT_EQ(validate("records", schema_path("alert"), lines, "data"), 0);
}

struct ArticleCase {
  const char* record;
  bool valid;
};

// Schema and decoder must agree on each.
const ArticleCase kArticles[] = {
    {R"({"uri":"u","title":"t"})", true},
    {R"({"uri":"u","body":"b","title":null})", true},
    {R"({"uri":"u","status":"canceled"})", true},
    {R"({"uri":"u","title":"t","source":{"name":"n","uri":null},"version":4,"extra":[]})", true},
    {R"({"uri":"u","title":"t","source":"s","published_at":"2021-05-24T09:00:00Z","version":"4"})", true},
    {R"({"uri":"u","title":"t","language":"no language at all"})", true},
    {R"({"title":"t"})", false},
    {R"({"uri":"","title":"t"})", false},
    {R"({"uri":1,"title":"t"})", false},
    {R"({"uri":"u"})", false},
    {R"({"uri":"u","title":"","body":" \n"})", false},
    {R"({"uri":"u","title":"t","body":["b"]})", false},
    {R"({"uri":"u","title":"t","source":5})", false},
    {R"({"uri":"u","title":"t","source":{"name":5}})", false},
    {R"({"uri":"u","title":"t","status":"gone"})", false},
    {R"({"uri":"u","title":"t","published_at":5})", false},
    {R"([])", false},
};

TEST(JsonSchema, ArticlesAreJudgedAsTheDecoderJudgesThem) {
  ArticleDecoder decoder(test::shipped_mappings(), "native");
  std::string lines;
  for (const ArticleCase& c : kArticles) {
    EXPECT_EQ(decoder.decode(c.record, Timestamp{}).has_value(), c.valid) << c.record;
    lines += fmt::format("{{\"valid\":{},\"record\":{}}}\n", c.valid, c.record);
  }
  EXPECT_EQ(validate("accepts", schema_path("article"), lines), 0);
}

template <class Enum>
std::string words(std::string_view path) {
  std::string json = fmt::format("\"{}\":[", path);
  for (const std::string_view word : kWords<Enum>) json += fmt::format("\"{}\",", word);
  json.back() = ']';
  return json;
}

TEST(JsonSchema, EnumsAreTheVocabulary) {
  const std::string shared = "{" + words<EventType>("$defs/event_type") + "," + words<Phase>("$defs/phase") +
                             "," + words<FactLevel>("$defs/fact_level") + "," +
                             words<Reason>("$defs/reason") + "," + words<Field>("$defs/field") + "," +
                             words<ScopeKind>("$defs/scope/properties/kind") + "," +
                             words<MoneyBasis>("$defs/money/properties/basis") + "," +
                             words<Anonymity>("$defs/customer/properties/anonymity") + "}";
  for (const char* schema : {"signal", "event", "alert"}) {
    EXPECT_EQ(validate("vocabulary", schema_path(schema), shared), 0) << schema;
  }
  std::string types = "{\"properties/type\":[";
  for (const std::string_view word : kWords<AlertType>)
    types += fmt::format("\"io.churnwire.event.{}.v1\",", word);
  types.back() = ']';
  EXPECT_EQ(validate("vocabulary", schema_path("alert"), types + "}"), 0);
  EXPECT_EQ(validate("vocabulary", schema_path("signal"), R"({"$defs/phase":["decided"]})"), 1) << "can fail";
}

}  // namespace
}  // namespace churnwire
