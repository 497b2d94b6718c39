#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "pipeline/io.h"
#include "pipeline/kafka_settings.h"

namespace churnwire {

/// A topic as it should be.
struct TopicPlan {
  std::string name;
  int partitions = 1;
  int replication = 1;
  std::map<std::string, std::string> config;  // cleanup.policy and the like
};

struct TopicPartitions {
  IoStatus status;
  int partitions = 0;
};

/// Asks for the number of partitions of `topic`. Fatal when no broker answers within the settings' timeout or
/// when there is no such topic; the message says which (`unreachable` tells them apart).
TopicPartitions partition_count(const KafkaSettings& settings, const std::string& topic);

/// Fatal when no broker answers within the settings' timeout.
IoStatus check_brokers(const KafkaSettings& settings);

/// Makes the topics that are not there yet; `created` gets the names of those that it made.
IoStatus create_topics(const KafkaSettings& settings, const std::vector<TopicPlan>& plans,
                       std::vector<std::string>& created);

/// Holds the topics against the plan: one sentence for each difference, none when all is well.
IoStatus check_topics(const KafkaSettings& settings, const std::vector<TopicPlan>& plans,
                      std::vector<std::string>& differences);

/// An in-process broker (librdkafka's mock cluster): no persistence, no real transactions; other processes
/// may connect while it lives.
class EmbeddedBroker {
 public:
  EmbeddedBroker();
  ~EmbeddedBroker();
  EmbeddedBroker(const EmbeddedBroker&) = delete;
  EmbeddedBroker& operator=(const EmbeddedBroker&) = delete;

  IoStatus start();
  IoStatus create_topic(const std::string& name, int partitions);
  std::string address() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// Sends records from outside the stream: the demo's feed, retried dead letters. One thread.
class KafkaProducer {
 public:
  explicit KafkaProducer(const KafkaSettings& settings);
  ~KafkaProducer();
  IoStatus open();
  /// Queues a record; blocks while the queue is full.
  IoStatus send(const OutRecord& record);
  /// Waits until everything is written; the status names the first record that could not be.
  IoStatus flush();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace churnwire
