// What resembles churn and is not: no alert may follow from any of these.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/golden/support.h"

namespace churnwire {
namespace {

struct Case {
  const char* name;
  const char* title;
  const char* body;
};

const std::vector<Case> kCases{
    {"Outage", "AWS outage hits Harlow Foods",
     "Amazon Web Services suffered an outage in its Virginia region on Monday. The shop of Harlow Foods was "
     "unreachable for two hours."},
    {"PriceCut", "Google Cloud cuts storage prices",
     "Google Cloud will cut prices for storage by 12 per cent from March, it said in a blog post."},
    {"Executive", "AWS vice president leaves for Google Cloud",
     "Tom Arden, vice president of sales at Amazon Web Services, is leaving the company to join Google "
     "Cloud, he wrote on LinkedIn."},
    {"Layoffs", "Oracle lays off hundreds in its cloud unit",
     "Oracle has laid off several hundred employees of its cloud unit, staff said on Friday."},
    {"Sellers", "Sellers leave Amazon over fees",
     "Hundreds of small sellers are leaving Amazon's marketplace because of higher fees, a survey of "
     "merchants found."},
    {"Lease", "Microsoft cancels data centre leases",
     "Microsoft has cancelled leases for two data centres in Ohio with a landlord, analysts at a bank "
     "wrote."},
    {"Tutorial", "How to migrate from Heroku to Fly.io",
     "This guide shows how to move an app from Heroku to Fly.io step by step. First export your database, "
     "then create a new app."},
    {"WinFromOnPremises", "Harrow Bank picks Google Cloud",
     "Harrow Bank has chosen Google Cloud for its new data platform, moving the work from its own data "
     "centre in Leeds."},
    {"Earnings", "Azure growth slows to 29 per cent",
     "Revenue of Microsoft Azure rose 29 per cent in the quarter, slower than the 31 per cent that analysts "
     "had expected. Shares fell 2 per cent."},
    {"Retirement", "Google Cloud retires IoT Core",
     "Google Cloud will retire its IoT Core service next August, it told developers."},
    {"River", "Villages along the Amazon leave the flood plain",
     "Families along the Amazon river are leaving their villages after the floods, officials said."},
    {"Survey", "Survey: a third of firms consider leaving the cloud",
     "A third of companies say they consider moving some workloads out of the public cloud, according to a "
     "survey of 500 IT leaders."},
    {"NoProvider", "Council moves to new town hall",
     "The council will move from its old building to the new town hall in May."},
};

class Lookalike : public testing::TestWithParam<Case> {};

TEST_P(Lookalike, IsNoChurn) {
  Detector detector(golden::knowledge());
  Article article;
  article.uri = "lookalike:1";
  article.title = GetParam().title;
  article.body = GetParam().body;
  article.language = "en";
  article.published_at = *parse_rfc3339("2023-06-01T09:00:00Z");
  detector.detect(article);
  for (const Signal& signal : detector.signals()) {
    const bool alerts = signal.phase != Phase::denied && signal.phase != Phase::cancelled && !signal.historic;
    EXPECT_FALSE(alerts) << signal.evidence.front().rule << " " << signal.confidence << ": "
                         << signal.quotes.front();
  }
}

INSTANTIATE_TEST_SUITE_P(Classes, Lookalike, testing::ValuesIn(kCases),
                         [](const auto& test) { return std::string(test.param.name); });

}  // namespace
}  // namespace churnwire
