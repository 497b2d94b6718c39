// The notation of the lexicon, and what a line that breaks it says.
#include "operators/churn/lexicon.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "operators/churn/inflection.h"

namespace churnwire {
namespace {

TEST(Inflection, FollowsTheSpellingRules) {
  const IrregularForms irregular{{"leave", {"left"}}};
  const auto has = [&](const char* lemma, const std::vector<std::string>& expected) {
    const auto forms = inflected_forms(lemma, irregular);
    for (const std::string& form : expected)
      EXPECT_NE(std::find(forms.begin(), forms.end(), form), forms.end()) << lemma << ": " << form;
  };
  has("leave", {"leave", "leaves", "left", "leaving"});
  has("stop", {"stops", "stopped", "stopping"});
  has("deny", {"denies", "denied", "denying"});
  has("ditch", {"ditches", "ditched", "ditching"});
  has("move", {"moves", "moved", "moving"});
  has("customer", {"customers"});
}

struct BadLine {
  const char* name;
  const char* line;
  const char* says;
};

class BadLexicon : public testing::TestWithParam<BadLine> {};

TEST_P(BadLexicon, IsRefusedWithItsLine) {
  const DataFiles files{{"lexicon/en/x.tsv", std::string("# comment\n") + GetParam().line + "\n"}};
  const auto lexicon = Lexicon::parse(files, "en");
  ASSERT_FALSE(lexicon);
  EXPECT_EQ(lexicon.error().file, "lexicon/en/x.tsv");
  EXPECT_EQ(lexicon.error().line, 2U);
  EXPECT_NE(lexicon.error().message.find(GetParam().says), std::string::npos) << lexicon.error().message;
}

INSTANTIATE_TEST_SUITE_P(
    Lines, BadLexicon,
    testing::Values(BadLine{"TooFewFields", "rule\tleave*", "field"},
                    BadLine{"NoSuchFrame", "r\tleave* {P}\tEXIT\tX>Y\tdec\t4", "no such frame"},
                    BadLine{"WeightOutOfRange", "r\tleave* {P}\tEXIT\tC>P\tdec\t9", "1 to 5"},
                    BadLine{"NoSuchSlot", "r\tleave* {X}\tEXIT\tC>P\tdec\t4", "no such slot"},
                    BadLine{"OpenGroup", "r\t(leave*|quit\tEXIT\tC>P\tdec\t4", "( without )"},
                    BadLine{"NoWord", "r\t{C} {P}\tEXIT\tC>P\tdec\t4", "a word of its own"}),
    [](const auto& test) { return std::string(test.param.name); });

}  // namespace
}  // namespace churnwire
