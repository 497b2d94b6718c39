#include "pipeline/alert_filter.h"

#include <gtest/gtest.h>

#include <string>

#include "pipeline/render_alert.h"

namespace churnwire {
namespace {

Alert sample() {
  Alert alert;
  alert.type = AlertType::updated;
  alert.change = {"phase"};
  alert.event.headline = "ByteDance leaves Alibaba Cloud";
  alert.event.customer.id = "bytedance";
  alert.event.customer.name = "ByteDance";
  alert.event.customer.mentions = {"ByteDance", "TikTok"};
  alert.event.losing_providers = {{"alibaba-cloud", "Alibaba Cloud"}};
  alert.event.gaining_providers = {{"aws", "Amazon Web Services"}, {"oracle-cloud", "Oracle Cloud"}};
  alert.event.confidence = 0.9;
  alert.event.annual_value_usd = 800'000'000;
  alert.event.reasons = {Reason::regulation};
  Evidence evidence;
  evidence.trigger = "stop hosting";
  evidence.quote = "ByteDance will stop hosting\x1b TikTok";
  evidence.rule = "en.stop-hosting";
  alert.event.evidence = {evidence};
  return alert;
}

struct Condition {
  const char* text;
  bool accepts;
};

class Conditions : public testing::TestWithParam<Condition> {};

TEST_P(Conditions, Decide) {
  const auto filter = AlertFilter::parse(GetParam().text);
  ASSERT_TRUE(filter) << filter.error();
  EXPECT_EQ(filter->accepts(sample()), GetParam().accepts) << GetParam().text;
}

INSTANTIATE_TEST_SUITE_P(
    Table, Conditions,
    testing::Values(Condition{"", true}, Condition{"customer == bytedance", true},
                    Condition{"customer == TikTok", true}, Condition{"customer == apple", false},
                    Condition{"customer != apple", true}, Condition{"losing ~ alibaba", true},
                    Condition{"gaining == aws and gaining == oracle-cloud", true},
                    Condition{"confidence >= 0.9", true}, Condition{"confidence > 0.9", false},
                    Condition{"value > 100000000", true}, Condition{"value < 5", false},
                    Condition{"losing == aws or reason == regulation", true},
                    Condition{"not (losing == aws or gaining == aws)", false},
                    Condition{"losing == aws and customer == bytedance or type == updated", true},
                    Condition{"losing == aws and (customer == bytedance or type == updated)", false},
                    Condition{"losing == \"Alibaba Cloud\"", true},
                    Condition{"headline ~ 'leaves alibaba'", true}));

class BadConditions : public testing::TestWithParam<const char*> {};

TEST_P(BadConditions, AreRefusedWithAPlace) {
  const auto filter = AlertFilter::parse(GetParam());
  ASSERT_FALSE(filter) << GetParam();
  EXPECT_NE(filter.error().find("at character"), std::string::npos) << filter.error();
}

INSTANTIATE_TEST_SUITE_P(Table, BadConditions,
                         testing::Values("colour == red", "customer",
                                         "customer =", "customer ==", "(customer == a", "customer == a b",
                                         "customer == \"a", "and", "not", "customer == a or"));

TEST(BadConditions, NestingIsBounded) {
  const auto filter = AlertFilter::parse(std::string(10'000, '(') + "customer == a");
  ASSERT_FALSE(filter);
  EXPECT_NE(filter.error().find("nested too deep"), std::string::npos);
}

TEST(RenderAlert, MarksTheTriggerAndKeepsControlCharactersOut) {
  const std::string plain = render_alert(sample(), false);
  EXPECT_NE(plain.find("UPDATED"), std::string::npos);
  EXPECT_NE(plain.find("[[stop hosting]]"), std::string::npos) << plain;
  EXPECT_NE(plain.find("800 million USD"), std::string::npos) << plain;
  EXPECT_EQ(plain.find('\x1b'), std::string::npos);
  EXPECT_NE(render_alert(sample(), true).find("\x1b[1;33mstop hosting"), std::string::npos);
}

}  // namespace
}  // namespace churnwire
