#include "pipeline/config.h"

#include <gtest/gtest.h>

#include <fstream>
#include <map>
#include <sstream>
#include <string>

namespace churnwire {
namespace {

using Environment = std::map<std::string, std::string>;

struct BadConfig {
  const char* name;
  const char* yaml;
  std::size_t line;
  const char* says;
};

class BadConfigTest : public testing::TestWithParam<BadConfig> {};

TEST_P(BadConfigTest, NamesLineAndReason) {
  const auto config = parse_config("c.yaml", GetParam().yaml, Environment{{"SET", "x"}});
  ASSERT_FALSE(config);
  EXPECT_EQ(config.error().file, "c.yaml");
  EXPECT_EQ(config.error().line, GetParam().line);
  EXPECT_NE(config.error().message.find(GetParam().says), std::string::npos) << config.error().message;
}

INSTANTIATE_TEST_SUITE_P(
    Table, BadConfigTest,
    testing::Values(
        BadConfig{"UnknownKey", "kafka:\n  brokrs: x\n", 2, "did you mean \"kafka.brokers\""},
        BadConfig{"UnknownSection", "kafak:\n  brokers: x\n", 1, "unknown key \"kafak\""},
        BadConfig{"NotANumber", "detect:\n  threads: many\n", 2, "a whole number from 1 to 256"},
        BadConfig{"TooSmall", "commit:\n  interval_ms: 0\n", 2, "from 1 to 30000"},
        BadConfig{"TooLarge", "commit:\n  interval_ms: 30001\n", 2, "from 1 to 30000"},
        BadConfig{"Fraction", "detect:\n  threads: 1.5\n", 2, "a whole number"},
        BadConfig{"OutOfUnit", "correlate:\n  alert_confidence_min: 1.1\n", 2, "from 0 to 1"},
        BadConfig{"NoChoice", "kafka:\n  delivery: at_most_once\n", 2, "exactly_once, at_least_once"},
        BadConfig{"List", "http: [a, b]\n", 1, "a single value"},
        BadConfig{"Section", "kafka: 7\n", 1, "is a section"},
        BadConfig{"NotYaml", "kafka: [\n", 2, "is not YAML"},
        BadConfig{"NotAMap", "- a\n", 1, "keys and values"},
        BadConfig{"VariableNotSet", "site: ${UNSET}\n", 1, "UNSET is not set"},
        BadConfig{"VariableNotClosed", "site: ${SET\n", 1, "${ without }"},
        BadConfig{"RefusedProperty", "kafka:\n  properties:\n    isolation.level: read_uncommitted\n", 3,
                  "may not be set"}),
    [](const auto& test) { return std::string(test.param.name); });

TEST(Config, DefaultsStandInTheShippedFile) {
  const std::string path = std::string(CHURNWIRE_SOURCE_DIR) + "/deploy/churnwire.yaml";
  std::ifstream in(path);
  std::ostringstream text;
  text << in.rdbuf();
  const auto shipped = parse_config(path, text.str(), {});
  ASSERT_TRUE(shipped) << shipped.error().text();
  EXPECT_EQ(print_config(*shipped), print_config(*parse_config("", "", {})));
  for (const std::string& key : config_keys()) {
    const std::string leaf = key.substr(key.rfind('.') == std::string::npos ? 0 : key.rfind('.') + 1);
    EXPECT_NE(text.str().find(leaf + ":"), std::string::npos)
        << key << " is not documented in deploy/churnwire.yaml";
  }
}

TEST(Config, PrintedOnesReadBackTheSame) {
  const auto config = parse_config(
      "", "kafka:\n  properties:\n    fetch.min.bytes: 7\ncommit:\n  interval_ms: 250\nsite: \"no\"\n", {});
  ASSERT_TRUE(config) << config.error().text();
  const auto again = parse_config("", print_config(*config), {});
  ASSERT_TRUE(again) << again.error().text();
  EXPECT_EQ(print_config(*again), print_config(*config));
  EXPECT_EQ(again->kafka.properties.at("fetch.min.bytes"), "7");
}

TEST(Config, VariablesReplaceAndOverride) {
  const auto config = parse_config("", "site: ${A}-b\ndetect:\n  threads: 2\n",
                                   Environment{{"A", "a"}, {"CHURNWIRE_DETECT_THREADS", "3"}});
  ASSERT_TRUE(config) << config.error().text();
  EXPECT_EQ(config->correlate.site, "a-b");
  EXPECT_EQ(config->detect_threads, 3);
  const auto wrong = parse_config("", "", Environment{{"CHURNWIRE_DETECT_THREADS", "0"}});
  ASSERT_FALSE(wrong);
  EXPECT_NE(wrong.error().text().find("CHURNWIRE_DETECT_THREADS"), std::string::npos);
}

}  // namespace
}  // namespace churnwire
