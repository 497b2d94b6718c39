#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "operators/document_reader.h"
#include "tests/operators/text_data.h"

namespace churnwire {
namespace {

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

/// "P aws", "C? amazon" (weak), "N Acme Ltd", "n Oona Smith" (no organisation), "B text".
std::string describe(const Document& document, const Mention& mention) {
  std::string out;
  switch (mention.kind) {
    case MentionKind::provider:
      out = fmt::format("P{} {}", mention.strong ? "" : "?", world().catalog.providers()[mention.entity].id);
      break;
    case MentionKind::company:
      out = fmt::format("C{} {}", mention.strong ? "" : "?", world().catalog.companies()[mention.entity].id);
      break;
    case MentionKind::unknown_name:
      out = fmt::format("{} {}", mention.organisation ? "N" : "n", document.unknown_names[mention.entity]);
      break;
    case MentionKind::blocker:
      out = fmt::format("B {}", document.span_text(mention.first_token, mention.last_token));
      break;
  }
  if (mention.product) out += " product";
  if (mention.descriptive) out += " description";
  if (mention.possessive) out += " 's";
  if (mention.compound) out += " compound";
  return out;
}

struct Case {
  const char* name;
  std::string title;
  std::string body;
  std::vector<std::string> mentions;
};

class MentionsTest : public testing::TestWithParam<Case> {};

TEST_P(MentionsTest, Finds) {
  DocumentReader reader(world().catalog, world().tables);
  Article article;
  article.title = GetParam().title;
  article.body = GetParam().body;
  const Document& document = reader.read(article);
  std::vector<std::string> mentions;
  for (const Mention& mention : document.mentions) mentions.push_back(describe(document, mention));
  EXPECT_THAT(mentions, ElementsAreArray(GetParam().mentions));
}

std::string name_of(const testing::TestParamInfo<Case>& param) {
  return param.param.name;
}

INSTANTIATE_TEST_SUITE_P(
    Catalogued, MentionsTest,
    testing::Values(
        Case{"Longest", "", "It left Amazon Web Services today.", {"P aws"}},
        Case{"AnyCase", "", "we run on alibaba cloud and aliyun", {"P alibaba-cloud", "P alibaba-cloud"}},
        Case{"ExactCase", "", "the aws of it and azure skies", {}},
        Case{"Boundary", "", "lawsAWSuit and AWSome", {"N lawsAWSuit", "N AWSome"}},
        Case{"Possessive", "", "They left Azure's region.", {"P azure 's"}},
        Case{"Product", "", "Its files sit in S3 buckets.", {"P aws product"}},
        Case{"Description", "", "It dropped Jeff Bezos's cloud arm.", {"P aws description"}},
        Case{"CompanyDescription", "", "So said the TikTok owner.", {"C bytedance description"}},
        Case{"WeakLicensed", "", "It moved its workloads off Amazon.", {"P aws"}},
        Case{"WeakLicensedByTitle", "Leaving the cloud", "It will quit Oracle soon.", {"P oracle-cloud"}},
        Case{"WeakUnlicensedIsTheCompany", "", "It sells books through Amazon.", {"C amazon"}},
        Case{"WeakWithoutCompany", "", "They went with Render instead.", {"P? render"}},
        Case{"WeakNextToStrong", "", "It left AWS for Microsoft.", {"P aws", "P azure"}},
        Case{"OpeningCommonWord", "", "Render the page first. It is on the cloud.", {}},
        Case{"OpeningNameSeenTwice",
             "",
             "Render went down. Users of Render in the cloud left.",
             {"P? render", "P render"}},
        Case{"Blocker", "", "A Lambda function on our servers.", {"B Lambda function"}},
        Case{"ChineseLongest", "", "网易云音乐离开阿里云", {"B 网易云音乐", "P alibaba-cloud"}},
        Case{"ChineseCompany", "", "字节跳动退出AWS云", {"C bytedance", "P aws"}},
        Case{"Japanese", "", "アリババクラウドを解約した", {"P alibaba-cloud"}},
        Case{"Compound",
             "",
             "Der AWS-Ausstieg und die Open-Telekom-Cloud-Kunden",
             {"P aws compound", "P open-telekom compound"}},
        Case{"HyphenatedAlias", "", "It hired T-Systems again.", {"P open-telekom"}},
        Case{"ShoutingTitle",
             "TIKTOK LEAVES ALIBABA CLOUD FOR GOOD TODAY",
             "",
             {"C tiktok", "P alibaba-cloud"}},
        Case{"LowerCaseCatalogued", "", "so monzo left", {"C monzo"}},
        Case{"NumberName", "", "Why 37signals left AWS.", {"C 37signals", "P aws"}},
        Case{"Ampersand", "", "It is AT&amp;T again, and Yahoo! too.", {"C att", "C yahoo"}},
        Case{"BrokenByTag", "", "<b>Ali</b>baba <i>Cloud</i> lost it.", {"P alibaba-cloud"}}),
    name_of);

INSTANTIATE_TEST_SUITE_P(
    Unknown, MentionsTest,
    testing::Values(
        Case{"Plain", "", "The insurer Tallowby left.", {"N Tallowby"}},
        Case{"Suffix",
             "",
             "A deal with Harrow & Finch Logistics Ltd was cut.",
             {"N Harrow & Finch Logistics Ltd"}},
        Case{"ShorterForms",
             "",
             "A deal with Harrow & Finch Logistics ended. For Harrow & Finch it was bad. "
             "Then Finch Logistics paid.",
             {"N Harrow & Finch Logistics", "N Harrow & Finch Logistics", "N Harrow & Finch Logistics"}},
        Case{"OpeningWord", "", "Regular readers will know. Lessons follow.", {}},
        Case{"OpeningName", "", "Tallowby said it left. It runs on.", {"N Tallowby"}},
        Case{"Person", "", "So said Oona Smith, its finance director.", {"n Oona Smith"}},
        Case{"Titled", "", "This came from Dr. Ligaya Montecillo yesterday.", {"n Ligaya Montecillo"}},
        Case{"JobBefore", "", "That was founder Anselm Roux of course.", {"n Anselm Roux"}},
        Case{"Place", "", "It opened in Norway and in Dublin.", {"n Norway", "n Dublin"}},
        Case{"MonthsAndDays", "", "On Monday and in March it was over.", {}},
        Case{"BasedCompound", "", "The Leeds-based firm Quorra quit.", {"N Quorra"}},
        Case{"OpeningNoun",
             "",
             "Chipmaker Vantro quit. Hotel operator Bexley stayed.",
             {"N Vantro", "N Bexley"}},
        Case{"SaintWithDot",
             "",
             "They joined St. Brigid Medical Center today.",
             {"N St. Brigid Medical Center"}},
        Case{"CamelCase", "", "Then eFolio and BlueLeaf left.", {"N eFolio", "N BlueLeaf"}},
        Case{"Pronouns", "", "Then \"You left,\" he said: They stay.", {}},
        Case{"TwoJoinedByAnd", "", "Both Vantro and Quorra left.", {"N Vantro", "N Quorra"}}),
    name_of);

}  // namespace
}  // namespace churnwire
