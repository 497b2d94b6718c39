#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "schemas/article_decoder.h"
#include "tests/schemas/feed_files.h"

namespace churnwire {
namespace {

using test::feed_files;
using test::shipped_mappings;

constexpr Timestamp kRecordTime{std::chrono::milliseconds{1'600'000'000'000}};

/// The article as one line: every field in order, "~" for an assumed time.
std::string line_of(const std::expected<Article, DecodeError>& article) {
  if (!article) {
    return std::string(reason_code(article.error().reason)) + " " + article.error().field;
  }
  std::string line;
  for (const std::string_view field :
       {article->uri, article->title, article->body, article->language, article->source_name,
        article->source_uri, article->url, article->version}) {
    line += field;
    line += '|';
  }
  line += article->time_assumed ? "~" : format_rfc3339(article->published_at);
  return line + (article->canceled ? "|canceled" : "");
}

struct FeedCase {
  const char* name;
  const char* feed;
  const char* payload;
  const char* line;
};

const FeedCase kFeedCases[] = {
    {"native_source_as_text", "native", R"({"uri":"u","title":"t","source":"S"})", "u|t|||S||||~"},
    {"native_with_keys_of_others", "native",
     R"({"uri":"u","title":"t","body":"b","published_at":"2021-05-24","description":[1],"lang":3,"content":{}})",
     "u|t|b||||||2021-05-24T00:00:00Z"},
    {"ninjs_1", "ninjs-1",
     R"({"uri":"u","version":"2","versioncreated":"2014-05-24T09:00:00+02:00","pubstatus":"usable","language":"sv",
         "headline":"h","body_xhtml":"<p>b</p>","infosource":[{"name":"TT","uri":"tt.se"}],"person":[{"name":"P"}]})",
     "u|h|<p>b</p>|sv|TT|tt.se||2|2014-05-24T07:00:00Z"},
    {"ninjs_1_plain_text_goes_first", "ninjs-1",
     R"({"uri":"u","headline":"h","body_xhtml":"<p>x</p>","body_text":"plain","firstcreated":"2014-05-24T09:00:00Z"})",
     "u|h|plain||||||2014-05-24T09:00:00Z"},
    {"ninjs_2_by_role_and_content_type", "ninjs-2",
     R"({"uri":"u","headlines":[{"role":"short","value":"s"},{"value":"m","role":"Main"}],
         "bodies":[{"role":"main","contenttype":"text/html","value":"<p>b</p>"},
                   {"role":"main","contenttype":"text\/plain","value":"b"}],
         "versioncreated":"2021-05-24T09:00:00Z","firstcreated":"2020-01-01T00:00:00Z",
         "infosources":[{"name":"AFP","uri":"afp.com"},{"name":"Other"}],"version":"7"})",
     "u|m|b||AFP|afp.com||7|2021-05-24T09:00:00Z"},
    {"ninjs_2_first_headline_without_roles", "ninjs-2",
     R"({"uri":"u","headlines":[{"value":" "},{"value":"one"},{"value":"two"}],"bodies":[{"contenttype":"text/html","value":"<b>"}]})",
     "u|one|<b>||||||~"},
    {"ninjs_2_attributes_of_one_element_stay_there", "ninjs-2",
     R"({"uri":"u","headlines":[{"role":"main"},{"value":"v","role":"x"}],"versioncreated":"2021-05-24"})",
     "u|v|||||||2021-05-24T00:00:00Z"},
    {"ninjs_2_withheld_is_a_kill_notice", "ninjs-2",
     R"({"uri":"u","pubstatus":"withheld","versioncreated":"2021-05-24"})",
     "u||||||||2021-05-24T00:00:00Z|canceled"},
    {"ninjs_2_number_as_headline", "ninjs-2", R"({"uri":"u","headlines":[{"value":5}],"bodies":[]})",
     "wrong_type headlines[].value"},
    {"ninjs_2_headline_as_text", "ninjs-2", R"({"uri":"u","headlines":"h","bodies":[]})",
     "wrong_type headlines"},
    {"ninjs_2_value_twice", "ninjs-2", R"({"uri":"u","headlines":[{"value":"a","value":"b"}],"bodies":[]})",
     "duplicate_field headlines[].value"},
    {"ninjs_3", "ninjs-3",
     R"({"uri":"u","versionCreated":"2023-05-24T09:00:00.25Z","pubStatus":"usable","language":"en-GB",
         "headlines":[{"role":"main","contentType":"text/plain","value":"h"}],
         "bodies":[{"role":"main","contentType":"text/html","value":"<p>"},{"role":"main","contentType":"text/plain","value":"b"}],
         "infoSources":[{"name":"PA"}],"altIds":[{"role":"url","value":"https://pa"}]})",
     "u|h|b|en-GB|PA||https://pa||2023-05-24T09:00:00.250Z"},
    {"newsapi", "newsapi",
     R"({"source":{"id":null,"name":"Wired"},"author":"A","title":"t","description":"d","url":"https://w/1",
         "urlToImage":null,"publishedAt":"2021-05-24T09:00:00Z","content":"c [+99 chars]"})",
     "https://w/1|t|c [+99 chars]||Wired||https://w/1||2021-05-24T09:00:00Z"},
    {"newsapi_description_stands_in", "newsapi",
     R"({"source":{"id":"w","name":null},"title":null,"description":"d","url":"https://w/1","publishedAt":"2021-05-24T09:00:00Z","content":null})",
     "https://w/1||d||w|w|https://w/1||2021-05-24T09:00:00Z"},
    {"newsapi_without_address", "newsapi", R"({"title":"t","publishedAt":"2021-05-24T09:00:00Z"})",
     "missing_field url"},
    {"newsapi_bad_time_names_its_field", "newsapi", R"({"title":"t","url":"u","publishedAt":"24/05/2021"})",
     "bad_value publishedAt"},
    {"schema_org", "schema-org",
     R"({"@context":"https://schema.org","@type":"NewsArticle","@id":"https://s/1#a","headline":"h","articleBody":"b",
         "datePublished":"2021-05-24T09:00:00+01:00","inLanguage":{"@type":"Language","alternateName":"fr"},
         "publisher":{"@type":"Organization","name":"Le M","url":"https://m"},"mainEntityOfPage":{"@id":"https://s/1"}})",
     "https://s/1#a|h|b|fr|Le M|https://m|https://s/1||2021-05-24T08:00:00Z"},
    {"schema_org_graph", "schema-org",
     R"({"@context":"https://schema.org","@graph":[{"@type":"WebPage","@id":"p","headline":"no"},
         {"headline":"h","@type":"NewsArticle","@id":"a","articleBody":"b","publisher":{"name":"P"},"datePublished":"2021-05-24"}]})",
     "a|h|b||P||||2021-05-24T00:00:00Z"},
    {"event_registry", "event-registry",
     R"({"uri":"7123","lang":"zho","isDuplicate":false,"date":"2021-05-24","time":"09:00:00",
         "dateTime":"2021-05-24T09:10:00Z","dateTimePub":"2021-05-24T09:00:00Z","dataType":"news","sim":0,
         "url":"https://c/1","title":"t","body":"b","source":{"uri":"c.com","dataType":"news","title":"Caixin"}})",
     "7123|t|b|zh|Caixin|c.com|https://c/1||2021-05-24T09:00:00Z"},
    {"json_feed", "json-feed",
     R"({"id":42,"url":"https://j/42","title":"t","content_html":"<p>b</p>","date_published":"2021-05-24T09:00:00-07:00",
         "authors":[{"name":"A"}],"language":"de"})",
     "42|t|<p>b</p>|de|A||https://j/42||2021-05-24T16:00:00Z"},
};

TEST(Feeds, EachMappingReadsItsShape) {
  for (const FeedCase& c : kFeedCases) {
    SCOPED_TRACE(c.name);
    ArticleDecoder decoder(shipped_mappings(), c.feed);
    EXPECT_EQ(line_of(decoder.decode(c.payload, kRecordTime)), c.line);
  }
}

TEST(Feeds, AutoReadsEachShapeAsItsMappingDoes) {
  ArticleDecoder decoder(shipped_mappings(), "auto");
  for (const FeedCase& c : kFeedCases) {
    SCOPED_TRACE(c.name);
    EXPECT_EQ(line_of(decoder.decode(c.payload, kRecordTime)), c.line);
  }
}

TEST(Feeds, EveryShippedMappingHasACase) {
  for (const auto& [feed, text] : feed_files()) {
    EXPECT_TRUE(std::ranges::any_of(kFeedCases, [&](const FeedCase& c) { return c.feed == feed; })) << feed;
  }
}

TEST(Feeds, MappingsAreListedAndKnown) {
  const FeedMappings& mappings = shipped_mappings();
  EXPECT_EQ(mappings.names(),
            "event-registry, json-feed, native, newsapi, ninjs-1, ninjs-2, ninjs-3, schema-org");
  EXPECT_TRUE(mappings.contains("auto"));
  EXPECT_TRUE(mappings.contains("ninjs-2"));
  EXPECT_FALSE(mappings.contains("ninjs-9"));
  EXPECT_FALSE(mappings.contains(""));
}

TEST(Feeds, AUserAddsAFileOfTheirOwn) {
  auto files = feed_files();
  files["house"] = R"(
recognise: [artikel]
fields:
  uri: artikel.nr
  title: artikel.kopf
  body: ["artikel.teile[art=text].inhalt", "artikel.teile[]"]
  language: artikel.sprache\.code
  status: artikel.status
values:
  status: {live: usable, tot: canceled}
  language: {d: de}
numbers: [uri]
)";
  const auto mappings = FeedMappings::parse(files);
  ASSERT_TRUE(mappings.has_value()) << mappings.error().message;
  const char* const payload =
      R"({"artikel":{"nr":17,"kopf":"k","teile":["first",{"art":"bild","inhalt":"x"},{"inhalt":"y","art":"text"}],
          "sprache.code":"d","status":"live"}})";
  for (const char* feed : {"house", "auto"}) {
    ArticleDecoder decoder(*mappings, feed);
    EXPECT_EQ(line_of(decoder.decode(payload, kRecordTime)), "17|k|y|de|||||~") << feed;
    EXPECT_EQ(
        line_of(decoder.decode(R"({"artikel":{"nr":1,"teile":["first"],"status":"tot"}})", kRecordTime)),
        "1||first||||||~|canceled")
        << feed;
  }
}

struct BadMapping {
  const char* name;
  const char* text;
  std::size_t line;
  const char* message;  // a part of it
};

const BadMapping kBadMappings[] = {
    {"empty", "", 0, "must be a map"},
    {"list", "- uri", 1, "must be a map"},
    {"not_yaml", "fields: [uri", 1, ""},
    {"tab", "fields:\n\turi: uri\n", 2, ""},
    {"unknown_key", "fields: {uri: u, title: t}\nfeilds: {}\n", 2, "unknown key \"feilds\""},
    {"unknown_field", "fields:\n  uri: u\n  tilte: t\n", 3, "unknown field \"tilte\"; known: uri, title"},
    {"no_uri", "fields: {title: t}", 1, "must map \"uri\""},
    {"no_text", "fields: {uri: u}", 1, "\"title\" or \"body\""},
    {"path_is_a_map", "fields:\n  uri: {a: b}\n", 2, "a path must be a text"},
    {"path_is_empty", "fields:\n  uri: ''\n", 2, "a path is empty"},
    {"path_lacks_a_key", "fields:\n  uri: a..b\n", 2, "lacks a key"},
    {"path_ends_in_a_dot", "fields:\n  uri: a.\n", 2, "lacks a key"},
    {"selector_not_closed", "fields:\n  uri: 'a[b=c'\n", 2, "not closed"},
    {"selector_without_value", "fields:\n  uri: 'a[b]'\n", 2, "key=value"},
    {"two_arrays", "fields:\n  uri: 'a[].b[]'\n", 2, "one array at most"},
    {"text_after_selector", "fields:\n  uri: 'a[]b'\n", 2, "expected"},
    {"path_too_long", "fields:\n  uri: a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a\n", 2, "at most 16 keys"},
    {"status_word", "fields: {uri: u, title: t}\nvalues:\n  status: {a: b}\n", 3, "usable or canceled"},
    {"values_of_unknown_field", "fields: {uri: u, title: t}\nvalues:\n  colour: {a: b}\n", 3,
     "unknown field"},
    {"numbers_not_a_list", "fields: {uri: u, title: t}\nnumbers: uri\n", 2, "must be a list"},
};

TEST(Feeds, RefusesBadMappingsWithFileAndLine) {
  for (const BadMapping& c : kBadMappings) {
    SCOPED_TRACE(c.name);
    const auto mappings = FeedMappings::parse({{"bad", c.text}});
    ASSERT_FALSE(mappings.has_value());
    EXPECT_EQ(mappings.error().file, "bad.yaml");
    EXPECT_EQ(mappings.error().line, c.line) << mappings.error().message;
    EXPECT_NE(mappings.error().message.find(c.message), std::string::npos) << mappings.error().message;
  }
}

TEST(Feeds, RefusesASetThatCannotBeUsed) {
  EXPECT_FALSE(FeedMappings::parse({}).has_value());
  EXPECT_FALSE(FeedMappings::parse({{"auto", "fields: {uri: u, title: t}"}}).has_value());
  std::map<std::string, std::string> many;
  for (int i = 0; i < 65; ++i) many["f" + std::to_string(i)] = "fields: {uri: u, title: t}";
  EXPECT_FALSE(FeedMappings::parse(many).has_value());
  many.erase("f64");
  EXPECT_TRUE(FeedMappings::parse(many).has_value());
  EXPECT_FALSE(FeedMappings::parse({{"big", "# " + std::string(300'000, 'x')}}).has_value());
}

}  // namespace
}  // namespace churnwire
