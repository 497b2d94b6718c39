#include "operators/document_reader.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "operators/text/unicode.h"
#include "tests/operators/text_data.h"

namespace churnwire {
namespace {

using ::testing::ElementsAre;
using ::testing::ElementsAreArray;

struct World {
  DataFiles files = testing_data::small_catalog();
  Catalog catalog = *Catalog::parse(files);
  ReadingTables tables = *ReadingTables::parse(catalog, files);
};

const World& world() {
  static const World kWorld;
  return kWorld;
}

const Document& read(DocumentReader& reader, std::string_view title, std::string_view body,
                     std::string_view language = "") {
  Article article;
  article.title = title;
  article.body = body;
  article.language = language;
  return reader.read(article);
}

struct Strings {
  const char* name;
  std::string text;
  std::vector<std::string> expected;
};

class TokensTest : public testing::TestWithParam<Strings> {};

TEST_P(TokensTest, Splits) {
  DocumentReader reader(world().catalog, world().tables);
  const Document& document = read(reader, "", GetParam().text);
  std::vector<std::string> tokens;
  for (std::uint32_t i = 0; i < document.tokens.size(); ++i) tokens.emplace_back(document.token_text(i));
  EXPECT_THAT(tokens, ElementsAreArray(GetParam().expected));
}

INSTANTIATE_TEST_SUITE_P(
    Rules, TokensTest,
    testing::Values(
        Strings{"Possessive", "Alibaba's cloud", {"Alibaba", "'s", "cloud"}},
        Strings{"Negation", "It doesn't", {"It", "does", "n't"}},
        Strings{"Money", "$3.2bn", {"$", "3.2", "bn"}},
        Strings{"MoneyCapital", "$3M a year", {"$", "3", "M", "a", "year"}},
        Strings{"Thousands", "1,200,000 users", {"1,200,000", "users"}},
        Strings{"Percent", "15%", {"15", "%"}},
        Strings{"Hyphen", "Leeds-based firm", {"Leeds-based", "firm"}},
        Strings{"LettersAndDigits", "S3 and EC2", {"S3", "and", "EC2"}},
        Strings{"NumberName", "37signals left", {"37signals", "left"}},
        Strings{"Ampersand", "AT&T, H&M", {"AT&T", ",", "H&M"}},
        Strings{"Plus", "C++ on Disney+.", {"C++", "on", "Disney+", "."}},
        Strings{"Exclamation", "Yahoo! said", {"Yahoo", "!", "said"}},
        Strings{"Url", "see https://a.example/x?y=1, now", {"see", "https://a.example/x?y=1", ",", "now"}},
        Strings{"Mail", "mail me@a.example today", {"mail", "me@a.example", "today"}},
        Strings{"Initials", "the U.S. firm", {"the", "U.S.", "firm"}},
        Strings{"Domain", "Fly.io and Booking.com", {"Fly.io", "and", "Booking.com"}},
        Strings{"MissingSpace", "left today.The end", {"left", "today", ".", "The", "end"}},
        Strings{"Accent", "Côte d'Azur", {"Côte", "d'", "Azur"}},
        Strings{"Chinese", "退出AWS云", {"退", "出", "AWS", "云"}},
        Strings{"Katakana", "アリババクラウドを解約", {"アリババクラウド", "を", "解", "約"}}),
    [](const testing::TestParamInfo<Strings>& param) { return std::string(param.param.name); });

class SentencesTest : public testing::TestWithParam<Strings> {};

TEST_P(SentencesTest, Splits) {
  DocumentReader reader(world().catalog, world().tables);
  const Document& document = read(reader, "", GetParam().text);
  std::vector<std::string> sentences;
  for (const Sentence& s : document.sentences)
    sentences.emplace_back(document.span_text(s.first_token, s.last_token));
  EXPECT_THAT(sentences, ElementsAreArray(GetParam().expected));
}

INSTANTIATE_TEST_SUITE_P(
    Rules, SentencesTest,
    testing::Values(
        Strings{"Two", "It left. It moved.", {"It left.", "It moved."}},
        Strings{"Abbreviation", "Mr. Smith left. Dr. Lee stayed.", {"Mr. Smith left.", "Dr. Lee stayed."}},
        Strings{"Company", "Acme Inc. said so. It left.", {"Acme Inc. said so.", "It left."}},
        Strings{
            "CompanyAtTheEnd", "It sued Acme Inc. The firm left.", {"It sued Acme Inc.", "The firm left."}},
        Strings{"Country", "It left the U.S. The end.", {"It left the U.S.", "The end."}},
        Strings{"Decimal", "It paid 3.5 million. Then left.", {"It paid 3.5 million.", "Then left."}},
        Strings{"Initial", "J. Smith left. He ran.", {"J. Smith left.", "He ran."}},
        Strings{"Quote", "\"We left.\" He said so.", {"\"We left.\"", "He said so."}},
        Strings{"QuestionName", "Yahoo! said it left. Why? Cost.", {"Yahoo! said it left.", "Why?", "Cost."}},
        Strings{"Ordinal", "Am 3. März ging er. Dann kam sie.", {"Am 3. März ging er.", "Dann kam sie."}},
        Strings{"Chinese", "公司退出。客户离开！为什么？", {"公司退出。", "客户离开！", "为什么？"}},
        Strings{"ChineseQuote", "他说：「走了。」然后离开。", {"他说：「走了。」", "然后离开。"}},
        Strings{"Paragraphs", "A heading\n\nThe text", {"A heading", "The text"}},
        Strings{"WrappedLine",
                "The company that we all know and have long written about\nleft.",
                {"The company that we all know and have long written about\nleft."}},
        Strings{"Items", "<ul><li>Acme left</li><li>Beta stayed</li></ul>", {"Acme left", "Beta stayed"}}),
    [](const testing::TestParamInfo<Strings>& param) { return std::string(param.param.name); });

TEST(DocumentReaderTest, MarksSentences) {
  DocumentReader reader(world().catalog, world().tables);
  const Document& document = read(reader, "ACME LEAVES CLOUD FOR GOOD TODAY",
                                  "- One item here\n- Two items. \"He left. She stayed.\"");
  ASSERT_EQ(document.sentences.size(), 5U);
  EXPECT_TRUE(document.sentences[0].shouting);
  EXPECT_EQ(document.sentences[0].field, Field::title);
  EXPECT_TRUE(document.sentences[1].list_item);
  EXPECT_FALSE(document.sentences[1].shouting);
  EXPECT_EQ(document.sentences[2].paragraph, 1);
  EXPECT_FALSE(document.sentences[3].quoted);
  EXPECT_TRUE(document.sentences[4].quoted);
}

TEST(DocumentReaderTest, LowerHasTheOffsetsOfText) {
  DocumentReader reader(world().catalog, world().tables);
  const Document& document = read(reader, "İSTANBUL ÉTÉ", "<p>Ünal &amp; Söhne</p>");
  ASSERT_EQ(document.lower.size(), document.text.size());
  EXPECT_EQ(document.lower.substr(document.title_end + 1, 14), "ünal & söhne");
}

TEST(DocumentReaderTest, SourceSpansPointIntoTheReceivedFields) {
  DocumentReader reader(world().catalog, world().tables);
  const std::string title = "<b>TikTok</b> leaves";
  const std::string body = "<p>It left Alibaba&nbsp;Cloud.</p>";
  const Document& document = read(reader, title, body);
  ASSERT_EQ(document.mentions.size(), 2U);
  std::vector<std::string> raw;
  for (const Mention& mention : document.mentions) {
    const SourceSpan span = reader.source_span(document.tokens[mention.first_token].begin,
                                               document.tokens[mention.last_token - 1].end);
    raw.push_back((span.field == Field::title ? title : body).substr(span.begin, span.end - span.begin));
  }
  EXPECT_THAT(raw, ElementsAre("TikTok", "Alibaba&nbsp;Cloud"));
}

struct LanguageCase {
  const char* name;
  std::string text;
  std::string declared;
  std::string language;
};

class LanguageTest : public testing::TestWithParam<LanguageCase> {};

TEST_P(LanguageTest, Detects) {
  DocumentReader reader(world().catalog, world().tables);
  EXPECT_EQ(read(reader, "", GetParam().text, GetParam().declared).language, GetParam().language);
}

INSTANTIATE_TEST_SUITE_P(
    Rules, LanguageTest,
    testing::Values(
        LanguageCase{"English", "The company said it will leave the cloud of the provider and move on.", "",
                     "en"},
        LanguageCase{"German", "Das Unternehmen verlässt die Cloud des Anbieters und zieht nach Hause.", "",
                     "de"},
        LanguageCase{"French", "La société quitte le cloud de son fournisseur pour une autre dans le pays.",
                     "", "fr"},
        LanguageCase{"Spanish", "La empresa deja la nube de su proveedor y se muda a otra en el país.", "",
                     "es"},
        LanguageCase{"Chinese", "公司宣布退出阿里云,转向自建机房。", "", "zh"},
        LanguageCase{"Japanese", "同社はアリババクラウドの利用を停止すると発表した。", "", "ja"},
        LanguageCase{"WrongClaim", "The company said it will leave the cloud of the provider and move on.",
                     "de", "en"},
        LanguageCase{"TooShort", "Acme", "fr-CA", "fr"}, LanguageCase{"Nothing", "12345", "", "und"}),
    [](const testing::TestParamInfo<LanguageCase>& param) { return std::string(param.param.name); });

TEST(FingerprintTest, NearCopiesAreNearAndOthersFar) {
  DocumentReader reader(world().catalog, world().tables);
  std::string story;
  for (int i = 0; i < 120; ++i) story += "word" + std::to_string(i * 7 % 97) + " and ";
  const std::uint64_t original = read(reader, "A", story).fingerprint;
  const std::uint64_t copy = read(reader, "B", story + "more at eleven").fingerprint;
  std::string other;
  for (int i = 0; i < 120; ++i) other += "thing" + std::to_string(i * 5 % 89) + " or ";
  const std::uint64_t far = read(reader, "A", other).fingerprint;
  EXPECT_LE(__builtin_popcountll(original ^ copy), 6);
  EXPECT_GE(__builtin_popcountll(original ^ far), 16);
}

TEST(DocumentReaderTest, EmptyArticle) {
  DocumentReader reader(world().catalog, world().tables);
  const Document& document = read(reader, "", "");
  EXPECT_TRUE(document.tokens.empty());
  EXPECT_TRUE(document.sentences.empty());
  EXPECT_EQ(document.language, "und");
  EXPECT_EQ(document.fingerprint, 0U);
}

}  // namespace
}  // namespace churnwire
