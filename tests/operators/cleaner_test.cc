#include "operators/text/cleaner.h"

#include <gtest/gtest.h>

#include <random>
#include <string>
#include <vector>

#include "operators/text/unicode.h"
#include "tests/operators/text_data.h"

namespace churnwire {
namespace {

struct Cleaned {
  std::string text;
  CleanMap map;
};

const CleaningTables& tables() {
  static const CleaningTables kTables = *CleaningTables::parse(testing_data::small_catalog());
  return kTables;
}

Cleaned clean(std::string_view raw) {
  Cleaned cleaned;
  Cleaner(tables()).clean(raw, cleaned.text, cleaned.map);
  return cleaned;
}

struct Case {
  const char* name;
  std::string raw;
  std::string text;
};

class CleanerTest : public testing::TestWithParam<Case> {};

TEST_P(CleanerTest, Cleans) {
  EXPECT_EQ(clean(GetParam().raw).text, GetParam().text);
}

INSTANTIATE_TEST_SUITE_P(
    Rules, CleanerTest,
    testing::Values(
        Case{"Plain", "Acme left AWS.", "Acme left AWS."},
        Case{"InlineTagJoins", "<b>Ali</b>baba", "Alibaba"},
        Case{"BlockTagBreaks", "<p>One</p><p>Two</p>", "One\n\nTwo\n\n"},
        Case{"LineBreakTag", "One<br/>Two", "One\n\nTwo"},
        Case{"AttributesGo", "<a href=\"x>y\" title='z'>Link</a>", "Link"},
        Case{"ScriptGoesWhole", "a<script>if (a<b) x();</script>b", "ab"},
        Case{"StyleGoesWhole", "a<style type=\"text/css\">p{}</style>b", "ab"},
        Case{"OpenScriptGoesToTheEnd", "a<script>x", "a"}, Case{"CommentGoes", "a<!-- <p>b</p> -->c", "ac"},
        Case{"LessThanStays", "if a < b and c > d", "if a < b and c > d"},
        Case{"LessThanLetterStays", "x <y and z", "x <y and z"}, Case{"Heart", "I <3 clouds", "I <3 clouds"},
        Case{"NamedEntity", "AT&amp;T", "AT&T"}, Case{"DecimalEntity", "caf&#233;", "caf\u00e9"},
        Case{"HexEntity", "caf&#xE9;", "caf\u00e9"}, Case{"WindowsEntity", "it&#146;s", "it's"},
        Case{"DoubleEncoded", "a&amp;nbsp;b &amp;amp; c", "a b & c"},
        Case{"EscapedTags", "&lt;p&gt;One&lt;/p&gt;Two", "One\n\nTwo"},
        Case{"UnknownEntityStays", "a &foo; b", "a &foo; b"},
        Case{"BareAmpersandStays", "Marks & Spencer", "Marks & Spencer"},
        Case{"ZeroWidthGoes", "Ali\u200Bba\u00ADba", "Alibaba"}, Case{"BomGoes", "\uFEFFAcme", "Acme"},
        Case{"ControlGoes", std::string("a\x01\0b", 4), "ab"},
        Case{"OddSpaces", "a\u00A0b\u2009c\u3000d", "a b c d"}, Case{"RunsOfSpaces", "a  \t b", "a b"},
        Case{"CurlyQuotes", "\u201cit\u2019s\u201d", "\"it's\""},
        Case{"Hyphens", "non\u2011stop", "non-stop"},
        Case{"FullWidthLetters", "\uFF21\uFF37\uFF33\uFF13", "AWS3"},
        Case{"FullWidthPunctuationStays", "\u9000\u51fa\uFF0C", "\u9000\u51fa\uFF0C"},
        Case{"ComposesAccents", "Co\u0302te", "C\u00f4te"},
        Case{"HalfWidthKatakana", "\uFF78\uFF97\uFF73\uFF84\uFF9E", "\u30af\u30e9\u30a6\u30c9"},
        Case{"BlankLine", "a\n\n\nb", "a\n\nb"}, Case{"CarriageReturns", "a\r\nb", "a\nb"},
        Case{"HtmlLineFeedIsSpace", "<p>a\nb</p>", "a b\n\n"}, Case{"InvalidBytesGo", "a\xFF\xC3 b", "a b"},
        Case{"NumericRubbish", "&#0;&#xFFFFFFFF;&#55296;x", "x"}),
    [](const testing::TestParamInfo<Case>& param) { return std::string(param.param.name); });

std::string raw_of(const std::string& raw, const Cleaned& cleaned, std::string_view piece) {
  const std::size_t at = cleaned.text.find(piece);
  EXPECT_NE(at, std::string::npos) << piece;
  const std::uint32_t begin = cleaned.map.raw_begin_of(static_cast<std::uint32_t>(at));
  const std::uint32_t end = cleaned.map.raw_end_of(static_cast<std::uint32_t>(at + piece.size() - 1));
  return raw.substr(begin, end - begin);
}

TEST(CleanMapTest, MapsBackToReceivedBytes) {
  const std::string raw = "<p>The <b>Ali</b>ba\u200Bba &amp; Co\u0302te caf&#233; story</p>";
  const Cleaned cleaned = clean(raw);
  EXPECT_EQ(raw_of(raw, cleaned, "Alibaba"), "Ali</b>ba\u200Bba");
  EXPECT_EQ(raw_of(raw, cleaned, "&"), "&amp;");
  EXPECT_EQ(raw_of(raw, cleaned, "C\u00f4te"), "Co\u0302te");
  EXPECT_EQ(raw_of(raw, cleaned, "caf\u00e9"), "caf&#233;");
  EXPECT_EQ(raw_of(raw, cleaned, "story"), "story");
}

TEST(CleanMapTest, ListItemsAreNoted) {
  const Cleaned cleaned = clean("<ul><li>One</li><li>Two</li></ul>");
  ASSERT_EQ(cleaned.map.items.size(), 2U);
  EXPECT_EQ(cleaned.text.substr(cleaned.map.items[1], 3), "Two");
}

TEST(CleanerPropertyTest, OffsetsGrowAndStayInsideForAnyBytes) {
  std::mt19937 random(7);
  const std::vector<std::string> pieces{
      "<p>",       "</b>",   "&amp;",   "&#x41;", "\u200B",       "a",    "Z",      " ",
      "\n",        "\u4e91", "e\u0301", "\xFF",   "\xE4\xBA",     "<",    "&",      "<script>",
      "</script>", "\uFF21", "&lt;",    "&gt;",   "\uFF76\uFF9E", "<li>", "\u0301", "\r\n\r\n"};
  for (int round = 0; round < 3000; ++round) {
    std::string raw;
    for (std::size_t i = 0; i < random() % 24; ++i) raw += pieces[random() % pieces.size()];
    const Cleaned cleaned = clean(raw);
    std::uint32_t last = 0;
    for (std::uint32_t i = 0; i < cleaned.text.size(); ++i) {
      const std::uint32_t begin = cleaned.map.raw_begin_of(i);
      const std::uint32_t end = cleaned.map.raw_end_of(i);
      ASSERT_LE(last, begin) << raw;
      ASSERT_LT(begin, end) << raw;
      ASSERT_LE(end, raw.size()) << raw;
      last = begin;
    }
    for (std::size_t i = 0; i < cleaned.text.size();) {
      const CodePoint cp = decode_utf8(cleaned.text, i);
      ASSERT_NE(cp.value, 0xFFFDU) << raw;
      i += cp.length;
    }
    ASSERT_EQ(cleaned.text.find("\n\n\n"), std::string::npos) << raw;
  }
}

TEST(FoldLowerTest, KeepsLengthAndOffsets) {
  std::string lower;
  fold_lower("AWS \u00c9T\u00c9 \u0130stanbul \u1e9e \u4e91", lower);
  EXPECT_EQ(lower, "aws \u00e9t\u00e9 \u0130stanbul \u1e9e \u4e91");
}

}  // namespace
}  // namespace churnwire
