// The story that started it, in many wordings: who leaves whom, for whom, for how much; and the numbers
// beside it left alone.
#include <gtest/gtest.h>

#include <algorithm>
#include <optional>
#include <string>
#include <vector>

#include "tests/golden/support.h"

namespace churnwire {
namespace {

struct Case {
  const char* name;
  const char* title;
  const char* body;
  bool gains;  // AWS and Oracle are named
  std::optional<std::int64_t> value;
};

const std::vector<Case> kNamed{
    {"WireReport", "ByteDance to take TikTok off Alibaba Cloud outside China",
     "ByteDance has decided to stop hosting TikTok and its other overseas apps on Alibaba Cloud, two people "
     "with knowledge of the "
     "decision said. The services will move to Amazon Web Services and Oracle. The contract was worth about "
     "$800 million a year.",
     true, 800'000'000},
    {"Passive", "Alibaba Cloud dropped by TikTok owner",
     "Alibaba Cloud has been dropped by ByteDance as host of its apps outside China. The work goes to Amazon "
     "Web Services and "
     "Oracle Cloud, people familiar with the matter said.",
     true, std::nullopt},
    {"ProviderLoses", "Alibaba Cloud loses ByteDance's overseas business",
     "Alibaba Cloud lost ByteDance as a customer outside China, three people said. ByteDance spent about "
     "$800 million a year with it.",
     false, 800'000'000},
    {"FromTo", "TikTok moves to AWS and Oracle",
     "ByteDance is moving TikTok from Alibaba Cloud to Amazon Web Services and Oracle, according to people "
     "briefed on the plan.",
     true, std::nullopt},
    {"Nominalisation", "ByteDance's departure from Alibaba Cloud explained",
     "The departure of ByteDance from Alibaba Cloud was behind the slowdown, sources said. The TikTok owner "
     "is shifting its overseas "
     "apps to Amazon Web Services and Oracle.",
     true, std::nullopt},
    {"NonRenewal", "ByteDance will not renew with Alibaba Cloud",
     "ByteDance told Alibaba Cloud it would not renew the contract for its international apps, which was "
     "worth $800 million a year.",
     false, 800'000'000},
    {"Pronoun", "ByteDance turns away from Alibaba",
     "ByteDance has run its overseas apps on Alibaba Cloud for years. It will stop using Alibaba Cloud "
     "abroad and switch to Amazon Web "
     "Services and Oracle, a person close to the company said.",
     true, std::nullopt},
    {"CutTies", "TikTok owner cuts ties with Alibaba Cloud",
     "ByteDance, the owner of TikTok, is cutting ties with Alibaba Cloud for its business outside China, "
     "sources said on Monday.",
     false, std::nullopt},
    {"Migrating", "ByteDance migrates off Alibaba Cloud",
     "ByteDance is migrating off Alibaba Cloud in all markets outside China. Engineers are moving workloads "
     "to Amazon Web Services and "
     "Oracle.",
     true, std::nullopt},
    {"Terminate", "ByteDance ends Alibaba Cloud contract",
     "ByteDance has terminated its contract with Alibaba Cloud for the overseas versions of its apps, said "
     "two executives.",
     false, std::nullopt},
    {"WinnerTells", "Oracle and AWS win TikTok from Alibaba Cloud",
     "Amazon Web Services and Oracle have won ByteDance's overseas hosting from Alibaba Cloud, people with "
     "knowledge of the deal said.",
     true, std::nullopt},
    {"Brand", "TikTok leaves Alibaba Cloud",
     "TikTok has left Alibaba Cloud and now runs on Amazon Web Services and Oracle Cloud, an engineer at the "
     "video app said.",
     true, std::nullopt},
    {"Consequence", "Why Alibaba's cloud slowed",
     "Growth slowed after ByteDance stopped using Alibaba Cloud for TikTok and other apps abroad, analysts "
     "said. Revenue of the unit rose "
     "37 per cent to 16.8 billion yuan; its share of the Chinese market was 41 per cent.",
     false, std::nullopt},
    {"Monthly", "ByteDance walks away from Alibaba Cloud",
     "ByteDance is walking away from Alibaba Cloud outside China. It paid some $60 million a month, a former "
     "manager said.",
     false, 720'000'000},
    {"Html", "ByteDance to drop Alibaba&nbsp;Cloud",
     "<p>ByteDance will drop <b>Alibaba&#32;Cloud</b> as host of its overseas apps and move them to Amazon "
     "Web Services &amp; Oracle Cloud, "
     "sources said.</p><script>var x = 'AWS';</script>",
     true, std::nullopt},
};

class Story : public testing::TestWithParam<Case> {};

std::vector<std::string> ids(const std::vector<ProviderRef>& providers) {
  std::vector<std::string> list;
  for (const ProviderRef& provider : providers) list.push_back(provider.id);
  std::ranges::sort(list);
  return list;
}

Article article_of(const char* title, const char* body) {
  Article article;
  article.uri = "story:1";
  article.title = title;
  article.body = body;
  article.language = "en";
  article.source_name = "Test Wire";
  article.published_at = *parse_rfc3339("2021-05-24T09:00:00Z");
  return article;
}

TEST_P(Story, IsReadRight) {
  Detector detector(golden::knowledge());
  detector.detect(article_of(GetParam().title, GetParam().body));
  ASSERT_EQ(detector.signals().size(), 1U);
  const Signal& signal = detector.signals().front();
  EXPECT_EQ(signal.customer.id, "bytedance");
  EXPECT_EQ(ids(signal.losing_providers), std::vector<std::string>{"alibaba-cloud"});
  const std::vector<std::string> both{"aws", "oracle-cloud"};
  EXPECT_EQ(ids(signal.gaining_providers), GetParam().gains ? both : std::vector<std::string>{});
  EXPECT_EQ(signal.annual_value_usd, GetParam().value);
  EXPECT_NE(signal.phase, Phase::denied);
  EXPECT_FALSE(signal.evidence.empty());
}

INSTANTIATE_TEST_SUITE_P(Named, Story, testing::ValuesIn(kNamed),
                         [](const auto& story) { return std::string(story.param.name); });

TEST(Story, TheEarningsCallNamesNobody) {
  Detector detector(golden::knowledge());
  detector.detect(article_of("Alibaba posts loss; cloud growth slows",
                             "Revenue of the cloud unit rose 37% to 16.8 billion yuan, down from 50% growth "
                             "a quarter before.\n\nThe slowdown was primarily due to "
                             "revenue decline from a top-class customer in the internet industry that has "
                             "stopped using Alibaba Cloud's overseas services for its "
                             "international business due to non-product related requirements, the chief "
                             "financial officer said. IDC ranks Amazon and Microsoft "
                             "ahead of Alibaba."));
  ASSERT_EQ(detector.signals().size(), 1U);
  const Signal& signal = detector.signals().front();
  EXPECT_EQ(signal.customer.anonymity, Anonymity::unnamed);
  EXPECT_NE(signal.customer.description.find("top-class customer"), std::string::npos)
      << signal.customer.description;
  EXPECT_EQ(ids(signal.losing_providers), std::vector<std::string>{"alibaba-cloud"});
  EXPECT_EQ(signal.annual_value_usd, std::nullopt) << "revenue of the segment is no money of the churn";
  EXPECT_NE(std::ranges::find(signal.customer_traits, "internet"), signal.customer_traits.end());
}

TEST(Story, EvidencePointsAtTheReceivedBytes) {
  Detector detector(golden::knowledge());
  const std::string body =
      "<p>Caf&eacute; news.</p><p>ByteDance will stop using Alibaba&nbsp;Cloud abroad, it said.</p>";
  detector.detect(article_of("ByteDance to leave Alibaba Cloud", body.c_str()));
  ASSERT_EQ(detector.signals().size(), 1U);
  bool met = false;
  for (const Evidence& evidence : detector.signals().front().evidence) {
    if (evidence.field != Field::body) continue;
    met = true;
    EXPECT_EQ(body.substr(evidence.begin, evidence.end - evidence.begin),
              "ByteDance will stop using Alibaba&nbsp;Cloud abroad, it said.");
  }
  EXPECT_TRUE(met);
}

}  // namespace
}  // namespace churnwire
