// An alert survives both modes: structured whole, binary with its type and time in headers.
#include <gtest/gtest.h>

#include <string>

#include "schemas/codec.h"

namespace churnwire {
namespace {

Alert sample() {
  Alert alert;
  alert.type = AlertType::identified;
  alert.site = "test";
  alert.time = *parse_rfc3339("2021-05-24T09:00:00Z");
  alert.change = {"customer", "phase"};
  alert.event.event_id = "00aa";
  alert.event.revision = 3;
  alert.event.customer.id = "bytedance";
  alert.event.customer.name = "ByteDance";
  alert.event.customer.mentions = {"ByteDance", "TikTok"};
  alert.event.losing_providers = {{"alibaba-cloud", "Alibaba Cloud"}};
  alert.event.headline = "ByteDance leaves \"Alibaba Cloud\"";
  return alert;
}

TEST(AlertDecode, StructuredModeComesBackWhole) {
  const Alert alert = sample();
  std::string json;
  encode_alert_structured(alert, json);
  const auto decoded = decode_alert(json);
  ASSERT_TRUE(decoded) << decoded.error().field << ": " << decoded.error().message;
  EXPECT_EQ(decoded->type, alert.type);
  EXPECT_EQ(decoded->time, alert.time);
  EXPECT_EQ(decoded->change, alert.change);
  EXPECT_EQ(decoded->event, alert.event);
}

TEST(AlertDecode, BinaryModeLeavesTypeAndTimeToTheHeaders) {
  const Alert alert = sample();
  std::string json;
  encode_alert_data(alert, json);
  const auto decoded = decode_alert(json);
  ASSERT_TRUE(decoded) << decoded.error().field << ": " << decoded.error().message;
  EXPECT_EQ(decoded->event, alert.event);
  std::string type;
  for (const auto& [name, value] : alert_headers(alert)) {
    if (name == "ce_type") type = value;
  }
  EXPECT_EQ(parse_alert_type(type), AlertType::identified);
  EXPECT_EQ(parse_alert_type("io.churnwire.event.unheard.v1"), std::nullopt);
}

TEST(AlertDecode, AnUnknownTypeIsNamed) {
  std::string json;
  encode_alert_structured(sample(), json);
  json.replace(json.find("event.identified"), std::string("event.identified").size(), "event.unheard");
  const auto decoded = decode_alert(json);
  ASSERT_FALSE(decoded);
  EXPECT_EQ(decoded.error().reason, DecodeReason::bad_value);
}

}  // namespace
}  // namespace churnwire
