// Our calls to librdkafka against its mock cluster: a record's way through source and sink with all its
// parts, and what a failure becomes. The mock has no real transactions; those are tested on a real broker.
#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <vector>

#include "pipeline/config.h"
#include "pipeline/embedded.h"
#include "pipeline/kafka_admin.h"
#include "pipeline/kafka_reader.h"
#include "pipeline/kafka_sink.h"
#include "pipeline/kafka_source.h"

namespace churnwire {
namespace {

using std::chrono::milliseconds;

class KafkaMock : public testing::Test, public RebalanceListener {
 protected:
  void SetUp() override {
    config_.partitions = 1;
    ASSERT_TRUE(start_embedded(broker_, config_).ok());
  }
  IoStatus on_assigned(std::span<const Partition> partitions) override {
    assigned_.assign(partitions.begin(), partitions.end());
    return IoStatus::success();
  }
  IoStatus on_revoked(std::span<const Partition>, bool) override {
    assigned_.clear();
    return IoStatus::success();
  }

  EmbeddedBroker broker_;
  Config config_;
  std::vector<Partition> assigned_;
};

TEST_F(KafkaMock, ARecordKeepsItsKeyValueHeadersAndTime) {
  KafkaProducer producer(config_.kafka);
  ASSERT_TRUE(producer.open().ok());
  const std::vector<Header> headers{{"a", "1"}, {"empty", ""}};
  const Timestamp time = *parse_rfc3339("2024-05-06T07:08:09.123Z");
  ASSERT_TRUE(producer
                  .send({.topic = "news.articles",
                         .partition = 0,
                         .key = "k",
                         .value = std::string_view("v\0w", 3),
                         .timestamp = time,
                         .headers = headers})
                  .ok());
  ASSERT_TRUE(producer.flush().ok());
  KafkaReader reader(config_.kafka, "news.articles");
  ASSERT_TRUE(reader.open({ReadFrom::Kind::beginning, {}}).ok());
  std::size_t count = 0;
  for (int i = 0; i < 100 && !reader.at_end(); ++i) {
    ASSERT_TRUE(reader
                    .poll(milliseconds(100),
                          [&](const Record& record) {
                            ++count;
                            EXPECT_EQ(record.key, "k");
                            EXPECT_EQ(record.value, std::string_view("v\0w", 3));
                            EXPECT_EQ(record.timestamp, time);
                            EXPECT_EQ(record.headers.size(), 2U);
                            EXPECT_EQ(record.headers[1].name, "empty");
                            return true;
                          })
                    .ok());
  }
  EXPECT_EQ(count, 1U);
}

TEST_F(KafkaMock, ARewindGoesBackToTheLastCommit) {
  KafkaProducer producer(config_.kafka);
  ASSERT_TRUE(producer.open().ok());
  for (const char* value : {"0", "1", "2"}) {
    ASSERT_TRUE(producer
                    .send({.topic = "news.articles",
                           .partition = 0,
                           .key = "",
                           .value = value,
                           .timestamp = {},
                           .headers = {}})
                    .ok());
  }
  ASSERT_TRUE(producer.flush().ok());
  const auto read = [&](KafkaSource& source, std::size_t most) {
    std::vector<std::string> values;
    for (int i = 0; i < 200 && values.size() < most; ++i) {
      const IoStatus polled = source.poll(milliseconds(100), most - values.size(), [&](const Record& record) {
        values.emplace_back(record.value);
        return true;
      });
      EXPECT_TRUE(polled.ok()) << polled.message;
    }
    return values;
  };
  {
    KafkaSource source(config_.kafka, "news.articles", "g");
    KafkaSink sink(config_.kafka, source, "");
    ASSERT_TRUE(sink.open().ok());
    ASSERT_TRUE(source.subscribe(*this).ok());
    EXPECT_EQ(read(source, 2), (std::vector<std::string>{"0", "1"}));
    const Position one{0, 1};
    EXPECT_TRUE(sink.commit({&one, 1}).ok());
    EXPECT_TRUE(source.rewind().ok());
    EXPECT_EQ(read(source, 1), std::vector<std::string>{"1"}) << "a rewind goes back to what was committed";
    EXPECT_TRUE(source.close().ok());
    EXPECT_TRUE(assigned_.empty()) << "leaving revokes";
  }
}

TEST_F(KafkaMock, ARefusedRecordComesAgain) {
  KafkaProducer producer(config_.kafka);
  ASSERT_TRUE(producer.open().ok());
  ASSERT_TRUE(producer
                  .send({.topic = "news.articles",
                         .partition = 0,
                         .key = "",
                         .value = "x",
                         .timestamp = {},
                         .headers = {}})
                  .ok());
  ASSERT_TRUE(producer.flush().ok());
  KafkaSource source(config_.kafka, "news.articles", "g");
  ASSERT_TRUE(source.subscribe(*this).ok());
  int offered = 0;
  for (int i = 0; i < 200 && offered < 2; ++i) {
    ASSERT_TRUE(source.poll(milliseconds(100), 10, [&](const Record&) { return ++offered == 2; }).ok());
  }
  EXPECT_EQ(offered, 2);
  EXPECT_TRUE(source.close().ok());
}

TEST_F(KafkaMock, AMissingTopicIsNamedWithWhatToDo) {
  const TopicPartitions found = partition_count(config_.kafka, "news.articles");
  EXPECT_TRUE(found.status.ok());
  EXPECT_EQ(found.partitions, 1);
}

TEST(Kafka, NoBrokerIsSaidWithinTheTimeout) {
  KafkaSettings settings;
  settings.brokers = "127.0.0.1:1";
  settings.broker_timeout = std::chrono::seconds(1);
  const IoStatus status = check_brokers(settings);
  EXPECT_EQ(status.code, IoCode::fatal);
  EXPECT_NE(status.message.find("no Kafka broker answers at 127.0.0.1:1"), std::string::npos)
      << status.message;
}

TEST(Kafka, AWrongPropertyIsNamed) {
  KafkaSettings settings;
  settings.properties["no.such.property"] = "1";
  const IoStatus status = check_brokers(settings);
  EXPECT_EQ(status.code, IoCode::fatal);
  EXPECT_NE(status.message.find("no.such.property"), std::string::npos) << status.message;
}

TEST(Kafka, PropertiesThatBreakDeliveryAreRefused) {
  EXPECT_FALSE(refused_kafka_property("isolation.level").empty());
  EXPECT_FALSE(refused_kafka_property("enable.auto.commit").empty());
  EXPECT_TRUE(refused_kafka_property("fetch.min.bytes").empty());
}

}  // namespace
}  // namespace churnwire
