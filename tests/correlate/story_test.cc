#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/correlate/support.h"

namespace churnwire {
namespace {

using namespace testing_correlate;  // NOLINT(google-build-using-namespace)
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::UnorderedElementsAre;

/// One way to tell things, and what comes of it: the type of each alert in order, and the current events.
struct StoryCase {
  const char* name;
  std::vector<Signal> signals;
  std::vector<std::string> alerts;  // "type: change, change"
  std::vector<std::string> events;  // "customer provider phase articles/texts/origins"
};

std::string describe(const Alert& alert) {
  std::string text(name(alert.type));
  text += ':';
  for (const std::string& field : alert.change) text += " " + field;
  return text;
}

std::string describe(const EventRow& row) {
  const Corroboration& told = row.corroboration;
  return (row.customer.id.empty() ? "?" : row.customer.id) + " " + row.losing_providers.front().id + " " +
         std::string(name(row.phase)) + " " + std::to_string(told.articles) + "/" +
         std::to_string(told.syndication_groups) + "/" + std::to_string(told.independent_origins);
}

class StoryTest : public testing::TestWithParam<StoryCase> {};

TEST_P(StoryTest, IsToldAsExpected) {
  Correlator correlator(catalog(), {});
  CorrelateOutput output;
  std::vector<std::string> alerts, events;
  for (const Signal& signal : GetParam().signals) {
    correlator.apply(signal, output);
    for (const Alert& alert : output.alerts) alerts.push_back(describe(alert));
  }
  for (const EventRow& row : current(correlator)) events.push_back(describe(row));
  EXPECT_THAT(alerts, testing::ElementsAreArray(GetParam().alerts));
  EXPECT_THAT(events, testing::UnorderedElementsAreArray(GetParam().events));
}

const std::string kCreated = "created: customer event_type losing_providers phase";
const std::vector<std::string> kInternet{"large", "internet"};

const std::vector<StoryCase> kStories{
    {"OneReport", {Make("a", 1)}, {kCreated}, {"bytedance alibaba-cloud decided 1/1/1"}},
    {"TheSameSignalTwice",
     {Make("a", 1), Make("a", 1)},
     {kCreated},
     {"bytedance alibaba-cloud decided 1/1/1"}},
    {"ACopyOfTheTextIsNoConfirmation",
     {Make("a", 1).print(0xFF00), Make("b", 1).print(0xFF01), Make("c", 2).print(0xFF03)},
     {kCreated},
     {"bytedance alibaba-cloud decided 3/1/1"}},
    {"OneOriginInThreeOutletsIsOne",
     {Make("a", 1).origin("Caixin"), Make("b", 1).origin("caixin"), Make("c", 2).origin("Caixin")},
     {kCreated},
     {"bytedance alibaba-cloud decided 3/3/1"}},
    {"TheSourceThatOthersCiteIsThatOrigin",
     {Make("a", 1).source("Caixin"), Make("b", 1).origin("Caixin")},
     {kCreated},
     {"bytedance alibaba-cloud decided 2/2/1"}},
    {"ASecondOriginConfirmsAndAThirdIsNoNews",
     {Make("a", 1), Make("b", 2), Make("c", 3)},
     {kCreated, "updated: corroboration"},
     {"bytedance alibaba-cloud decided 3/3/3"}},
    {"ADestinationBecomesKnown",
     {Make("a", 1).origin("x"), Make("b", 2).origin("x").to("aws"), Make("c", 3).origin("x").to("aws")},
     {kCreated, "updated: gaining_providers"},
     {"bytedance alibaba-cloud decided 3/3/1"}},
    {"AnAmountBecomesKnown",
     {Make("a", 1).origin("x"), Make("b", 2).origin("x").pays(800'000'000)},
     {kCreated, "updated: annual_value_usd money"},
     {"bytedance alibaba-cloud decided 2/2/1"}},
    {"ThePhaseMoves",
     {Make("a", 1).origin("x").phase(Phase::considering), Make("b", 9).origin("x"),
      Make("c", 20).origin("x").phase(Phase::in_progress), Make("d", 21).origin("x")},
     {kCreated, "updated: phase", "updated: phase"},
     {"bytedance alibaba-cloud in_progress 4/4/1"}},
    {"CompletionAYearLaterIsTheSameEvent",
     {Make("a", 1).origin("x"), Make("b", 400).origin("x").phase(Phase::completed)},
     {kCreated, "updated: phase"},
     {"bytedance alibaba-cloud completed 2/2/1"}},
    {"ADecisionAYearLaterIsANewEvent",
     {Make("a", 1), Make("b", 400)},
     {kCreated, kCreated},
     {"bytedance alibaba-cloud decided 1/1/1", "bytedance alibaba-cloud decided 1/1/1"}},
    {"CompletionGoesToTheNearestEarlierEvent",
     {Make("a", 1), Make("b", 200), Make("c", 300).phase(Phase::completed)},
     {kCreated, kCreated, "updated: corroboration phase"},
     {"bytedance alibaba-cloud decided 1/1/1", "bytedance alibaba-cloud completed 2/2/2"}},
    {"TheLastDayOfTheMergeWindow",
     {Make("a", 1), Make("b", 46)},
     {kCreated, "updated: corroboration"},
     {"bytedance alibaba-cloud decided 2/2/2"}},
    {"TheDayAfterTheMergeWindow",
     {Make("a", 1), Make("b", 47)},
     {kCreated, kCreated},
     {"bytedance alibaba-cloud decided 1/1/1", "bytedance alibaba-cloud decided 1/1/1"}},
    {"AReportInBetweenJoinsTwoEvents",
     {Make("a", 1).origin("x"), Make("b", 80).origin("x"), Make("c", 40).origin("x")},
     {kCreated, kCreated, "corrected: event_id", "retracted: retracted superseded_by"},
     {"bytedance alibaba-cloud decided 3/3/1"}},
    {"WorkloadsOfTwoKindsAreTwoEvents",
     {Make("a", 1).workload("email"), Make("b", 2).workload("AI training")},
     {"created: customer event_type losing_providers phase scope",
      "created: customer event_type losing_providers phase scope"},
     {"bytedance alibaba-cloud decided 1/1/1", "bytedance alibaba-cloud decided 1/1/1"}},
    {"TwoProvidersAreTwoEvents",
     {Make("a", 1), Make("b", 2).from("aws")},
     {kCreated, kCreated},
     {"bytedance alibaba-cloud decided 1/1/1", "bytedance aws decided 1/1/1"}},
    {"AReturnIsAnotherEvent",
     {Make("a", 1), Make("b", 9).type(EventType::return_)},
     {kCreated, kCreated},
     {"bytedance alibaba-cloud decided 1/1/1", "bytedance alibaba-cloud decided 1/1/1"}},
    {"ADenialOfAReportIsCarried",
     {Make("a", 1).origin("x"), Make("b", 2).phase(Phase::denied).fact(FactLevel::denied)},
     {kCreated, "updated: denials"},
     {"bytedance alibaba-cloud decided 2/2/1"}},
    {"ADenialOfARumourPrevails",
     {Make("a", 1).phase(Phase::rumoured).fact(FactLevel::rumoured),
      Make("b", 2).phase(Phase::denied).fact(FactLevel::denied)},
     {kCreated, "updated: denials phase"},
     {"bytedance alibaba-cloud denied 2/2/1"}},
    {"ADenialAloneIsNoAlert",
     {Make("b", 2).phase(Phase::denied).fact(FactLevel::denied)},
     {},
     {"bytedance alibaba-cloud denied 1/1/1"}},
    {"DeniedThenDecided",
     {Make("a", 2).phase(Phase::denied).fact(FactLevel::denied), Make("b", 29)},
     {"created: customer denials event_type losing_providers phase"},
     {"bytedance alibaba-cloud decided 2/2/1"}},
    {"CalledOffAfterItWasTold",
     {Make("a", 1).phase(Phase::considering), Make("b", 30).phase(Phase::cancelled),
      Make("c", 31).phase(Phase::considering).print(0)},
     {kCreated, "updated: phase", "updated: corroboration"},
     {"bytedance alibaba-cloud cancelled 3/3/2"}},
    {"CalledOffOnly",
     {Make("b", 30).phase(Phase::cancelled)},
     {},
     {"bytedance alibaba-cloud cancelled 1/1/1"}},
    {"HistoryIsNoAlert", {Make("a", 1).historic()}, {}, {"bytedance alibaba-cloud decided 1/1/1"}},
    {"TooUnsureUntilConfirmed",
     {Make("a", 1).sure(0.3), Make("b", 2).sure(0.3)},
     {kCreated},
     {"bytedance alibaba-cloud decided 2/2/2"}},
    {"AKillNoticeRetracts",
     {Make("a", 1), Make("k", 2).article("article-a").killed()},
     {kCreated, "retracted: retracted"},
     {}},
    {"AKillNoticeThatCameFirst", {Make("k", 2).article("article-a").killed(), Make("a", 1)}, {}, {}},
    {"AKillNoticeUnderAnotherProvider",
     {Make("a", 1), Make("k", 2).article("article-a").from("aws").killed()},
     {kCreated, "retracted: retracted"},
     {}},
    {"AKillNoticeOfOneOfTwoReports",
     {Make("a", 1), Make("b", 2), Make("k", 2).article("article-a").killed()},
     {kCreated, "updated: corroboration"},
     {"bytedance alibaba-cloud decided 1/1/1"}},
    {"ANewReportAfterTheRetractionIsANewEvent",
     {Make("a", 1), Make("k", 2).article("article-a").killed(), Make("b", 3)},
     {kCreated, "retracted: retracted", kCreated},
     {"bytedance alibaba-cloud decided 1/1/1"}},
    {"ANewerVersionReplacesTheOlder",
     {Make("a", 1).article("u", "9"), Make("b", 1).article("u", "10").phase(Phase::considering)},
     {kCreated, "updated: phase"},
     {"bytedance alibaba-cloud considering 1/1/1"}},
    {"AnOlderVersionThatComesLaterIsNoNews",
     {Make("b", 1).article("u", "10").phase(Phase::considering), Make("a", 1).article("u", "9")},
     {kCreated},
     {"bytedance alibaba-cloud considering 1/1/1"}},
    {"AVersionThatNamesAnotherCustomer",
     {Make("a", 1).article("u", "1"), Make("b", 1).article("u", "2").customer("capital", "Capital")},
     {kCreated, "retracted: retracted", kCreated},
     {"capital alibaba-cloud decided 1/1/1"}},
    {"TheUnnamedCustomerIsIdentified",
     {Make("u", 1).unnamed("a top customer in the internet industry", kInternet), Make("n", 12).to("aws")},
     {kCreated, "identified: corroboration customer gaining_providers"},
     {"bytedance alibaba-cloud decided 2/2/2"}},
    {"TheNameWasKnownBefore",
     {Make("n", 1).to("aws"), Make("u", 12).unnamed("a top customer in the internet industry", kInternet)},
     {"created: customer event_type gaining_providers losing_providers phase", "updated: corroboration"},
     {"bytedance alibaba-cloud decided 2/2/2"}},
    {"ABankIsNotAnInternetCompany",
     {Make("u", 1).unnamed("a bank", {"bank"}), Make("n", 2)},
     {kCreated, kCreated},
     {"? alibaba-cloud decided 1/1/1", "bytedance alibaba-cloud decided 1/1/1"}},
    {"ASecondBankUndoesTheIdentification",
     {Make("u", 1).unnamed("a large bank", {"bank", "large"}), Make("n", 2).customer("capital", "Capital"),
      Make("m", 2).customer("barclay", "Barclay")},
     {kCreated, "identified: corroboration customer", "corrected: customer", kCreated, kCreated},
     {"? alibaba-cloud decided 1/1/1", "capital alibaba-cloud decided 1/1/1",
      "barclay alibaba-cloud decided 1/1/1"}},
    {"RevealedSixWeeksLater",
     {Make("u", 1).unnamed("a large media client", {"large", "media"}),
      Make("n", 44).customer("wavelet", "Wavelet").revealed("the media company", {"media"})},
     {kCreated, "identified: corroboration customer"},
     {"wavelet alibaba-cloud decided 2/2/2"}},
    {"OneUnnamedCustomerInManyWords",
     {Make("u", 1).unnamed("a top customer in the internet industry", kInternet).origin("x"),
      Make("v", 2).unnamed("a big internet firm", {"internet"}).origin("x"),
      Make("w", 2).unnamed("one customer", {}).origin("x")},
     {kCreated},
     {"? alibaba-cloud decided 3/3/1"}},
};

INSTANTIATE_TEST_SUITE_P(Stories, StoryTest, testing::ValuesIn(kStories),
                         [](const auto& story) { return std::string(story.param.name); });

EventRow only(const std::vector<Signal>& signals) {
  Correlator correlator(catalog(), {});
  for (const Signal& signal : signals) step(correlator, signal);
  const auto rows = current(correlator);
  EXPECT_EQ(rows.size(), 1U);
  return rows.front();
}

TEST(MergeTest, MoneyIsKeptByBasisAndNeverSummed) {
  const EventRow row =
      only({Make("a", 1).pays(800'000'000), Make("b", 2).pays(800'000'000), Make("c", 2).pays(700'000'000),
            Make("d", 3).pays(3'000'000'000, MoneyBasis::total)});
  ASSERT_EQ(row.money.size(), 2U);
  EXPECT_EQ(row.money[0].amount, 800'000'000);
  EXPECT_EQ(row.money[1].amount, 3'000'000'000);
  EXPECT_EQ(row.annual_value_usd, 800'000'000);
}

TEST(MergeTest, IdentifiedEventHoldsBothClues) {
  const EventRow row = only({Make("u", 1).unnamed("a top customer in the internet industry", kInternet),
                             Make("n", 12).to("aws").to("oracle-cloud")});
  EXPECT_EQ(row.customer.id, "bytedance");
  EXPECT_EQ(row.customer.description, "a top customer in the internet industry");
  std::vector<std::string> articles;
  for (const Evidence& evidence : row.evidence) articles.push_back(evidence.article_uri);
  EXPECT_THAT(articles, UnorderedElementsAre("article-u", "article-n"));
  EXPECT_EQ(row.times.first_published, day(1));
  EXPECT_EQ(row.times.last_published, day(12));
}

TEST(MergeTest, WeakMatchesAreLinkedBothWaysWithTheReason) {
  Correlator correlator(catalog(), {});
  step(correlator, Make("u", 1).unnamed("a bank", {"bank"}));
  step(correlator, Make("n", 25).customer("capital", "Capital"));
  const auto rows = current(correlator);
  ASSERT_EQ(rows.size(), 2U);
  for (std::size_t i = 0; i < 2; ++i) {
    ASSERT_EQ(rows[i].linked_event_ids.size(), 1U);
    EXPECT_EQ(rows[i].linked_event_ids[0].event_id, rows[1 - i].event_id);
    EXPECT_EQ(rows[i].linked_event_ids[0].why, "both: bank");
  }
}

TEST(MergeTest, ConfidenceGrowsWithOriginsAndNeverReachesOne) {
  EXPECT_DOUBLE_EQ(only({Make("a", 1).sure(0.6)}).confidence, 0.6);
  EXPECT_DOUBLE_EQ(only({Make("a", 1).sure(0.6), Make("b", 1).sure(0.5)}).confidence, 0.8);
  EXPECT_DOUBLE_EQ(only({Make("a", 1).sure(0.6).origin("x"), Make("b", 1).sure(0.5).origin("x")}).confidence,
                   0.6);
  EXPECT_DOUBLE_EQ(only({Make("a", 1).sure(0.95), Make("b", 1).sure(0.95)}).confidence, 0.99);
}

TEST(MergeTest, EvidenceIsBoundedAndShowsEachPhaseFirst) {
  std::vector<Signal> signals;
  for (int i = 0; i < 30; ++i) signals.push_back(Make("s" + std::to_string(10 + i), 1).sure(0.9));
  signals.push_back(Make("z", 2).sure(0.5).phase(Phase::completed));
  const EventRow row = only(signals);
  EXPECT_EQ(row.evidence.size(), 12U);
  EXPECT_EQ(row.evidence[1].quote, "quote of z");
}

TEST(MergeTest, ArticlesAreCountedBeyondTheSignalsKept) {
  std::vector<Signal> signals;
  for (int i = 0; i < 100; ++i) signals.push_back(Make("s" + std::to_string(100 + i), 1));
  const EventRow row = only(signals);
  EXPECT_EQ(row.corroboration.articles, 100U);
  EXPECT_LE(row.state.signals.size(), 32U);
}

TEST(MergeTest, ManyArticlesAreEstimated) {
  std::vector<Signal> signals;
  for (int i = 0; i < 3000; ++i) signals.push_back(Make("s" + std::to_string(i), 1));
  const EventRow row = only(signals);
  EXPECT_NEAR(row.corroboration.articles, 3000, 900);
  EXPECT_LE(row.state.article_sketch.size(), 128U);
}

TEST(MergeTest, ARepetitionIsLessNewAndACopyOfOldTextIsStale) {
  Correlator correlator(catalog(), {});
  step(correlator, Make("a", 1).print(0xFF00));
  step(correlator, Make("b", 101).print(0xABCDEF));
  const std::string stale = step(correlator, Make("c", 201).print(0xFF00));
  EXPECT_THAT(stale, Not(HasSubstr("\"specversion\"")));
  auto rows = current(correlator);
  std::sort(rows.begin(), rows.end(), [](const EventRow& left, const EventRow& right) {
    return left.times.first_published < right.times.first_published;
  });
  ASSERT_EQ(rows.size(), 3U);
  EXPECT_EQ(rows[0].novelty, 1);
  EXPECT_FALSE(rows[0].days_since_similar);
  EXPECT_EQ(rows[1].novelty, 0.5);
  EXPECT_EQ(rows[1].days_since_similar, 100);
  EXPECT_FALSE(rows[1].stale_republication);
  EXPECT_TRUE(rows[2].stale_republication);
  EXPECT_EQ(rows[2].novelty, 0);
}

TEST(HeadlineTest, SaysWhatIsKnownWithItsHedge) {
  struct {
    Signal signal;
    std::string headline;
  } const cases[] = {
      {Make("a", 1).type(EventType::partial_move).workload("TikTok").to("aws").to("azure").origin("", true),
       "ByteDance to move TikTok off Alibaba Cloud to aws and azure, sources say"},
      {Make("a", 1).fact(FactLevel::confirmed).phase(Phase::completed), "ByteDance has left Alibaba Cloud"},
      {Make("a", 1).phase(Phase::rumoured).fact(FactLevel::rumoured),
       "ByteDance may leave Alibaba Cloud, rumours say"},
      {Make("a", 1).phase(Phase::considering).origin("Caixin"),
       "ByteDance considers leaving Alibaba Cloud, Caixin reports"},
      {Make("a", 1).phase(Phase::denied).fact(FactLevel::denied),
       "ByteDance said to be leaving Alibaba Cloud: denied"},
      {Make("a", 1).unnamed("a {L} bank", {"bank"}).type(EventType::non_renewal).fact(FactLevel::confirmed),
       "An unnamed customer (a {L} bank) to let its contract with Alibaba Cloud lapse"},
      {Make("a", 1).type(EventType::provider_termination).phase(Phase::completed).fact(FactLevel::confirmed),
       "Alibaba Cloud has dropped ByteDance as a customer"},
      {Make("a", 1)
           .type(EventType::repatriation)
           .to("self-hosted")
           .phase(Phase::in_progress)
           .fact(FactLevel::confirmed),
       "ByteDance is bringing workloads back from Alibaba Cloud to its own infrastructure"},
  };
  for (const auto& [signal, headline] : cases) EXPECT_EQ(only({signal}).headline, headline);
}

TEST(JoinTest, TheOlderIdSurvivesAndNamesTheYoungersHeir) {
  Correlator correlator(catalog(), {});
  CorrelateOutput output;
  correlator.apply(Make("b", 80), output);
  const std::string younger = output.rows.at(0).event_id;
  correlator.apply(Make("a", 1), output);
  const std::string older = output.rows.at(0).event_id;
  correlator.apply(Make("c", 40), output);
  ASSERT_EQ(output.rows.size(), 2U);
  EXPECT_EQ(output.rows[0].event_id, older);
  EXPECT_EQ(output.rows[1].event_id, younger);
  EXPECT_TRUE(output.rows[1].retracted);
  EXPECT_EQ(output.rows[1].superseded_by, older);
  EXPECT_THAT(output.rows[1].state.signals, IsEmpty());
  EXPECT_THAT(output.rows[1].headline, HasSubstr("told as part of another event"));
}

}  // namespace
}  // namespace churnwire
