#include "schemas/article_decoder.h"

#include <gtest/gtest.h>

#include <string>

#include "tests/schemas/feed_files.h"

namespace churnwire {
namespace {

using test::shipped_mappings;

constexpr Timestamp kRecordTime{std::chrono::milliseconds{1'600'000'000'000}};

std::string nested(std::size_t levels, char open, char close) {
  return std::string(levels, open) + std::string(levels, close);
}

std::string deep_record(std::size_t levels) {
  return R"({"uri":"u","title":"t","x":)" + nested(levels - 1, '[', ']') + "}";
}

struct BadCase {
  const char* name;
  std::string payload;
  DecodeReason reason;
  const char* field = "";
  std::size_t offset = 0;
};

std::vector<BadCase> bad_cases() {
  using enum DecodeReason;
  const std::string nul(1, '\0');
  return {
      {"empty", "", empty_record},
      {"white_space", " \r\n\t ", empty_record},
      {"byte_order_mark_alone", "\xEF\xBB\xBF", empty_record, "", 3},
      {"plain_text", "Acme leaves Nimbus.", not_json},
      {"nul_bytes", nul + nul + nul, not_json},
      {"html", "<html>", not_json},
      {"array", R"([{"uri":"u"}])", wrong_type},
      {"string", R"("uri")", wrong_type},
      {"number", "42", wrong_type},
      {"null", "null", wrong_type},
      {"two_records", R"({"uri":"u","title":"t"}{"uri":"v"})", trailing_content, "", 23},
      {"comma_at_the_end", R"({"uri":"u","title":"t"},)", trailing_content, "", 23},
      {"nul_at_the_end", R"({"uri":"u","title":"t"})" + nul, trailing_content, "", 23},
      {"brace_at_the_end", R"({"uri":"u","title":"t"}})", trailing_content, "", 23},
      {"cut_after_brace", "{", truncated, "", 1},
      {"cut_in_key", R"({"ur)", truncated, "", 4},
      {"cut_after_colon", R"({"uri":)", truncated, "", 7},
      {"cut_in_text", R"({"uri":"u","title":"so fa)", truncated, "", 25},
      {"cut_in_escape", R"({"uri":"u\)", truncated, "", 10},
      {"cut_in_character", "{\"uri\":\"\xE4\xB8", truncated, "", 10},
      {"cut_in_literal", R"({"uri":"u","title":"t","x":tr)", truncated, "", 29},
      {"cut_in_array", R"({"uri":"u","title":"t","x":[1,2)", truncated, "", 31},
      {"cut_before_brace", R"({"uri":"u","title":"t")", truncated, "", 22},
      {"single_quotes", R"({'uri':'u'})", not_json, "", 1},
      {"bare_key", R"({uri:"u"})", not_json, "", 1},
      {"comma_before_brace", R"({"uri":"u","title":"t",})", not_json, "", 23},
      {"no_comma", R"({"uri":"u" "title":"t"})", not_json, "", 11},
      {"no_colon", R"({"uri" "u"})", not_json, "", 7},
      {"value_for_key", R"({"uri":"a":"b","title":"t"})", not_json, "", 10},
      {"key_alone", R"({"uri":"u","title":"t","x"})", not_json, "", 26},
      {"comment", R"({"uri":"u",/* */"title":"t"})", not_json, "", 11},
      {"wrong_bracket", R"({"uri":"u","title":"t","x":[1}})", not_json, "", 29},
      {"skipped_garbage_word", R"({"uri":"u","title":"t","x":nope})", not_json, "", 27},
      {"skipped_not_a_number", R"({"uri":"u","title":"t","x":NaN})", not_json, "", 27},
      {"skipped_leading_zero", R"({"uri":"u","title":"t","x":[01]})", not_json, "", 28},
      {"skipped_lone_minus", R"({"uri":"u","title":"t","x":-})", not_json, "", 27},
      {"skipped_number_then_quote", R"({"uri":"u","title":"t","x":1"a"})", not_json, "", 28},
      {"skipped_bad_escape", R"({"uri":"u","title":"t","x":"\q"})", not_json, "", 28},
      {"skipped_bad_hex", R"({"uri":"u","title":"t","x":"\u12G4"})", not_json, "", 28},
      {"skipped_bad_key_escape", R"({"uri":"u","title":"t","\x":1})", not_json, "", 24},
      {"skipped_missing_element", R"({"uri":"u","title":"t","x":[1,]})", not_json, "", 30},
      {"skipped_nested_garbage", R"({"uri":"u","title":"t","x":[{"y":{"z":tru}}]})", not_json, "", 38},
      {"line_feed_in_text", "{\"uri\":\"u\",\"title\":\"a\nb\"}", not_json, "", 21},
      {"nul_in_text", "{\"uri\":\"u\",\"title\":\"a" + nul + "b\"}", not_json, "", 21},
      {"bad_escape_in_text", R"({"uri":"u","title":"\a"})", not_json, "", 20},
      {"invalid_utf8_in_text", "{\"uri\":\"u\",\"title\":\"a\xFF\"}", invalid_utf8, "", 21},
      {"invalid_utf8_in_skipped", "{\"uri\":\"u\",\"title\":\"t\",\"x\":\"\xC3(\"}", invalid_utf8, "", 28},
      {"overlong_utf8", "{\"uri\":\"u\",\"title\":\"\xC0\xAF\"}", invalid_utf8, "", 20},
      {"surrogate_as_utf8", "{\"uri\":\"u\",\"title\":\"\xED\xA0\x80\"}", invalid_utf8, "", 20},
      {"utf16", std::string("\xFF\xFE{\0\"\0", 6), invalid_utf8},
      {"lone_high_surrogate", R"({"uri":"u","title":"a\ud83d"})", bad_value, "title", 19},
      {"lone_low_surrogate", R"({"uri":"u","body":"\ude00 b"})", bad_value, "body", 18},
      {"swapped_surrogates", R"({"uri":"\ude00\ud83d","title":"t"})", bad_value, "uri", 7},
      {"high_surrogate_then_text_escape", R"({"uri":"u","title":"\ud83d\u0041"})", bad_value, "title", 19},
      {"no_uri", R"({"title":"t","body":"b"})", missing_field, "uri"},
      {"null_uri", R"({"uri":null,"title":"t"})", missing_field, "uri"},
      {"empty_uri", R"({"uri":"","title":"t"})", missing_field, "uri"},
      {"empty_object", "{}", missing_field, "uri"},
      {"no_text", R"({"uri":"u"})", no_text},
      {"empty_text", R"({"uri":"u","title":"","body":""})", no_text},
      {"blank_text", R"({"uri":"u","title":" \n\t","body":"\u0000"})", no_text},
      {"null_text", R"({"uri":"u","title":null,"body":null})", no_text},
      {"number_as_uri", R"({"uri":5,"title":"t"})", wrong_type, "uri", 7},
      {"number_as_title", R"({"uri":"u","title":5})", wrong_type, "title", 19},
      {"object_as_body", R"({"uri":"u","title":"t","body":{"a":1}})", wrong_type, "body", 30},
      {"array_as_body", R"({"uri":"u","title":"t","body":["b"]})", wrong_type, "body", 30},
      {"boolean_as_body", R"({"uri":"u","title":"t","body":true})", wrong_type, "body", 30},
      {"number_as_time", R"({"uri":"u","title":"t","published_at":1621846800})", wrong_type, "published_at",
       38},
      {"array_as_source", R"({"uri":"u","title":"t","source":["s"]})", wrong_type, "source", 32},
      {"number_as_source_name", R"({"uri":"u","title":"t","source":{"name":1}})", wrong_type, "source.name",
       40},
      {"not_a_time", R"({"uri":"u","title":"t","published_at":"yesterday"})", bad_value, "published_at", 38},
      {"no_such_day", R"({"uri":"u","title":"t","published_at":"2021-02-30"})", bad_value, "published_at",
       38},
      {"unknown_status", R"({"uri":"u","title":"t","status":"gone"})", bad_value, "status", 32},
      {"title_twice", R"({"uri":"u","title":"t","title":"t"})", duplicate_field, "title", 23},
      {"title_twice_one_escaped", R"({"uri":"u","title":"t","tit\u006ce":"t"})", duplicate_field, "title",
       23},
      {"uri_twice_one_null", R"({"uri":"u","title":"t","uri":null})", duplicate_field, "uri", 23},
      {"source_name_twice", R"({"uri":"u","title":"t","source":{"name":"a","name":"b"}})", duplicate_field,
       "source.name", 44},
      {"one_level_too_deep", deep_record(kNestingDepthMax + 1), too_deep, "", 90},
      {"10000_levels_of_arrays", deep_record(10'000), too_deep, "", 90},
      {"10000_levels_of_objects",
       [] {
         std::string text = R"({"uri":"u","title":"t","x":)";
         for (int i = 0; i < 10'000; ++i) text += R"({"x":)";
         return text + "1" + std::string(10'001, '}');
       }(),
       too_deep, "", 342},
      {"10000_open_brackets", std::string(10'000, '['), too_deep, "", 64},
      {"20_megabytes", R"({"uri":"u","title":"t","body":")" + std::string(20U << 20U, 'x') + "\"}", too_large,
       "", kPayloadBytesMax},
  };
}

TEST(ArticleDecoder, RefusesBadRecordsWithReasonFieldAndOffset) {
  ArticleDecoder decoder(shipped_mappings(), "native");
  for (const BadCase& c : bad_cases()) {
    SCOPED_TRACE(c.name);
    const auto article = decoder.decode(c.payload, kRecordTime);
    ASSERT_FALSE(article.has_value());
    EXPECT_EQ(reason_code(article.error().reason), reason_code(c.reason));
    EXPECT_EQ(article.error().field, c.field);
    EXPECT_EQ(article.error().byte_offset, c.offset);
    EXPECT_FALSE(article.error().message.empty());
  }
  // None of them harms the next record.
  EXPECT_TRUE(decoder.decode(R"({"uri":"u","title":"t"})", kRecordTime).has_value());
}

TEST(ArticleDecoder, AutoRefusesTheSameRecords) {
  ArticleDecoder decoder(shipped_mappings(), "auto");
  for (const BadCase& c : bad_cases()) {
    SCOPED_TRACE(c.name);
    const auto article = decoder.decode(c.payload, kRecordTime);
    ASSERT_FALSE(article.has_value());
    const bool no_shape = c.payload == "{}";
    EXPECT_EQ(reason_code(article.error().reason),
              reason_code(no_shape ? DecodeReason::unknown_feed : c.reason));
  }
}

TEST(ArticleDecoder, ReadsTheNativeShape) {
  ArticleDecoder decoder(shipped_mappings(), "native");
  const auto article = decoder.decode(
      R"( {"fetched_at":"x","source":{"uri":"s.example","name":"The \"S\""},"version":3,"url":"https://s.example/1",
      "language":"en","published_at":"2021-05-24T09:00:00+08:00","body":"a\nb\u4e2d\ud83d\ude00\/","title":"T",
      "uri":"u:1","status":"usable","unknown":[{"uri":1},null,-1.5e+3,"\ud83d"]} )",
      kRecordTime);
  ASSERT_TRUE(article.has_value()) << article.error().message;
  EXPECT_EQ(article->uri, "u:1");
  EXPECT_EQ(article->title, "T");
  EXPECT_EQ(article->body, "a\nb中😀/");
  EXPECT_EQ(article->language, "en");
  EXPECT_EQ(article->source_name, "The \"S\"");
  EXPECT_EQ(article->source_uri, "s.example");
  EXPECT_EQ(article->url, "https://s.example/1");
  EXPECT_EQ(article->version, "3");
  EXPECT_EQ(format_rfc3339(article->published_at), "2021-05-24T01:00:00Z");
  EXPECT_FALSE(article->time_assumed);
  EXPECT_FALSE(article->canceled);
}

TEST(ArticleDecoder, TakesTheRecordTimeWhereNoneIsDeclared) {
  ArticleDecoder decoder(shipped_mappings(), "native");
  for (const char* payload : {R"({"uri":"u","title":"t"})", R"({"uri":"u","title":"t","published_at":null})",
                              R"({"uri":"u","title":"t","published_at":""})"}) {
    const auto article = decoder.decode(payload, kRecordTime);
    ASSERT_TRUE(article.has_value()) << payload;
    EXPECT_TRUE(article->time_assumed);
    EXPECT_EQ(article->published_at, kRecordTime);
  }
}

TEST(ArticleDecoder, KillNoticeNeedsNoText) {
  ArticleDecoder decoder(shipped_mappings(), "native");
  const auto article = decoder.decode(R"({"uri":"u","status":"canceled"})", kRecordTime);
  ASSERT_TRUE(article.has_value());
  EXPECT_TRUE(article->canceled);
}

TEST(ArticleDecoder, KeepsNulCharactersThatAreEscaped) {
  ArticleDecoder decoder(shipped_mappings(), "native");
  const auto article = decoder.decode(R"({"uri":"u","title":"a\u0000b"})", kRecordTime);
  ASSERT_TRUE(article.has_value());
  EXPECT_EQ(article->title, std::string_view("a\0b", 3));
}

TEST(ArticleDecoder, SkipsAByteOrderMark) {
  ArticleDecoder decoder(shipped_mappings(), "native");
  EXPECT_TRUE(decoder.decode("\xEF\xBB\xBF{\"uri\":\"u\",\"title\":\"t\"}", kRecordTime).has_value());
  const auto bad = decoder.decode("\xEF\xBB\xBF{\"uri\":\"u\",\"title\":7}", kRecordTime);
  ASSERT_FALSE(bad.has_value());
  EXPECT_EQ(bad.error().byte_offset, 22U);
}

TEST(ArticleDecoder, LimitsHoldAtTheirEdges) {
  ArticleDecoder decoder(shipped_mappings(), "native");
  const auto reason = [&](const std::string& payload) {
    const auto article = decoder.decode(payload, kRecordTime);
    return article ? std::string_view("ok") : reason_code(article.error().reason);
  };
  EXPECT_EQ(reason(deep_record(kNestingDepthMax)), "ok");
  EXPECT_EQ(reason(deep_record(kNestingDepthMax + 1)), "too_deep");
  const auto with_uri = [](std::size_t bytes) {
    return R"({"title":"t","uri":")" + std::string(bytes, 'u') + "\"}";
  };
  EXPECT_EQ(reason(with_uri(kShortFieldBytesMax)), "ok");
  EXPECT_EQ(reason(with_uri(kShortFieldBytesMax + 1)), "field_too_large");
  const auto with_body = [](std::size_t bytes) {
    return R"({"uri":"u","body":")" + std::string(bytes, 'b') + "\"}";
  };
  EXPECT_EQ(reason(with_body(kTextFieldBytesMax)), "ok");
  EXPECT_EQ(reason(with_body(kTextFieldBytesMax + 1)), "field_too_large");
  const auto of_size = [](std::size_t bytes) {
    const std::string head = R"({"uri":"u","title":"t","x":")";
    return head + std::string(bytes - head.size() - 2, 'x') + "\"}";
  };
  EXPECT_EQ(reason(of_size(kPayloadBytesMax)), "ok");
  EXPECT_EQ(reason(of_size(kPayloadBytesMax + 1)), "too_large");
}

TEST(ArticleDecoder, NeighboursInMemoryDoNotMatter) {
  const std::string record = R"({"uri":"u","title":"t"})";
  const std::string cut = R"({"uri":"u","title":"t)";
  ArticleDecoder decoder(shipped_mappings(), "native");
  for (const char* neighbour :
       {"", "\"}", "}", "x", "{\"uri\":\"v\",\"title\":\"w\"}", "\xFF\xFF", "\"\"\"\\\\"}) {
    const std::string memory = record + neighbour;
    const auto whole = decoder.decode(std::string_view(memory).substr(0, record.size()), kRecordTime);
    ASSERT_TRUE(whole.has_value()) << neighbour;
    EXPECT_EQ(whole->title, "t");
    const std::string cut_memory = cut + neighbour;
    const auto part = decoder.decode(std::string_view(cut_memory).substr(0, cut.size()), kRecordTime);
    ASSERT_FALSE(part.has_value()) << neighbour;
    EXPECT_EQ(part.error().reason, DecodeReason::truncated);
  }
}

TEST(ArticleDecoder, NothingOfALongRecordStaysForAShortOne) {
  ArticleDecoder decoder(shipped_mappings(), "auto");
  ASSERT_TRUE(
      decoder
          .decode(R"({"uri":"u","title":"t","body":"b","language":"en","status":"canceled","source":"s"})",
                  kRecordTime)
          .has_value());
  const auto article = decoder.decode(R"({"uri":"v","title":"w"})", kRecordTime);
  ASSERT_TRUE(article.has_value());
  EXPECT_EQ(article->uri, "v");
  EXPECT_EQ(article->body, "");
  EXPECT_EQ(article->language, "");
  EXPECT_EQ(article->source_name, "");
  EXPECT_FALSE(article->canceled);
}

}  // namespace
}  // namespace churnwire
