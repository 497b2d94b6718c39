#include "pipeline/kafka_admin.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <utility>

#include "pipeline/kafka_internal.h"

namespace churnwire {
namespace {

constexpr int kCallTimeoutMs = 15'000;

struct MetadataDeleter {
  void operator()(const rd_kafka_metadata_t* metadata) const { rd_kafka_metadata_destroy(metadata); }
};
using Metadata = std::unique_ptr<const rd_kafka_metadata_t, MetadataDeleter>;

IoStatus make_client(const KafkaSettings& settings, kafka::Handle& client) {
  kafka::Configuration conf(settings);
  return conf.make(RD_KAFKA_PRODUCER, client);
}

/// Asks for metadata until a broker answers or the settings' timeout is over.
IoStatus read_metadata(const KafkaSettings& settings, rd_kafka_t* client, Metadata& metadata) {
  const auto timeout = std::chrono::duration_cast<std::chrono::milliseconds>(settings.broker_timeout);
  const rd_kafka_metadata_t* answer = nullptr;
  const rd_kafka_resp_err_t error =
      rd_kafka_metadata(client, 1, nullptr, &answer, static_cast<int>(timeout.count()));
  if (error != RD_KAFKA_RESP_ERR_NO_ERROR) {
    return {IoCode::fatal, "no Kafka broker answers at " + settings.brokers + " within " +
                               std::to_string(settings.broker_timeout.count()) + " s (" +
                               rd_kafka_err2str(error) + "); check kafka.brokers"};
  }
  metadata.reset(answer);
  return IoStatus::success();
}

const rd_kafka_metadata_topic* find_topic(const rd_kafka_metadata_t& metadata, const std::string& name) {
  for (int i = 0; i < metadata.topic_cnt; ++i) {
    if (metadata.topics[i].topic == name) return &metadata.topics[i];
  }
  return nullptr;
}

/// Waits for the answer to one admin request.
IoStatus wait_for(rd_kafka_queue_t* queue, const std::string& what, kafka::Owned<rd_kafka_event_t>& event) {
  event.reset(rd_kafka_queue_poll(queue, kCallTimeoutMs));
  if (!event) return {IoCode::fatal, what + ": no answer within 15 s"};
  const rd_kafka_resp_err_t error = rd_kafka_event_error(event.get());
  if (error == RD_KAFKA_RESP_ERR_NO_ERROR) return IoStatus::success();
  return {IoCode::fatal, what + ": " + rd_kafka_event_error_string(event.get())};
}

/// The configured value of each key of `plan.config` as the broker has it, where it differs.
IoStatus compare_config(rd_kafka_t* client, const TopicPlan& plan, std::vector<std::string>& differences) {
  rd_kafka_ConfigResource_t* resource =
      rd_kafka_ConfigResource_new(RD_KAFKA_RESOURCE_TOPIC, plan.name.c_str());
  const kafka::Owned<rd_kafka_queue_t> queue(rd_kafka_queue_new(client));
  const kafka::Owned<rd_kafka_AdminOptions_t> options(
      rd_kafka_AdminOptions_new(client, RD_KAFKA_ADMIN_OP_DESCRIBECONFIGS));
  rd_kafka_DescribeConfigs(client, &resource, 1, options.get(), queue.get());
  rd_kafka_ConfigResource_destroy(resource);
  kafka::Owned<rd_kafka_event_t> event;
  if (IoStatus answered = wait_for(queue.get(), "reading the settings of " + plan.name, event);
      !answered.ok()) {
    return answered;
  }
  std::size_t resources = 0;
  const auto* const* described = rd_kafka_DescribeConfigs_result_resources(
      rd_kafka_event_DescribeConfigs_result(event.get()), &resources);
  if (resources != 1) return {IoCode::fatal, "reading the settings of " + plan.name + ": no answer for it"};
  std::size_t entries = 0;
  const auto* const* configs = rd_kafka_ConfigResource_configs(described[0], &entries);
  for (std::size_t i = 0; i < entries; ++i) {
    const auto wanted = plan.config.find(rd_kafka_ConfigEntry_name(configs[i]));
    const char* value = rd_kafka_ConfigEntry_value(configs[i]);
    if (wanted == plan.config.end() || value == nullptr || wanted->second == value) continue;
    differences.push_back(plan.name + ": " + wanted->first + " is " + value + ", should be " +
                          wanted->second);
  }
  return IoStatus::success();
}

}  // namespace

TopicPartitions partition_count(const KafkaSettings& settings, const std::string& topic) {
  kafka::Handle client;
  Metadata metadata;
  if (IoStatus made = make_client(settings, client); !made.ok()) return {made, 0};
  if (IoStatus read = read_metadata(settings, client.get(), metadata); !read.ok()) return {read, 0};
  const rd_kafka_metadata_topic* found = find_topic(*metadata, topic);
  if (found == nullptr || found->err != RD_KAFKA_RESP_ERR_NO_ERROR || found->partition_cnt == 0) {
    return {{IoCode::fatal, "there is no topic " + topic + " on " + settings.brokers +
                                "; make the topics with: churnwire topics create"},
            0};
  }
  return {IoStatus::success(), found->partition_cnt};
}

IoStatus check_brokers(const KafkaSettings& settings) {
  kafka::Handle client;
  Metadata metadata;
  if (IoStatus made = make_client(settings, client); !made.ok()) return made;
  return read_metadata(settings, client.get(), metadata);
}

IoStatus create_topics(const KafkaSettings& settings, const std::vector<TopicPlan>& plans,
                       std::vector<std::string>& created) {
  kafka::Handle client;
  Metadata metadata;
  if (IoStatus made = make_client(settings, client); !made.ok()) return made;
  if (IoStatus read = read_metadata(settings, client.get(), metadata); !read.ok()) return read;
  std::vector<rd_kafka_NewTopic_t*> topics;
  IoStatus status;
  for (const TopicPlan& plan : plans) {
    if (find_topic(*metadata, plan.name) != nullptr) continue;
    std::array<char, 512> why{};
    rd_kafka_NewTopic_t* topic =
        rd_kafka_NewTopic_new(plan.name.c_str(), plan.partitions, plan.replication, why.data(), why.size());
    if (topic == nullptr) {
      status = {IoCode::fatal, "topic " + plan.name + ": " + why.data()};
      break;
    }
    for (const auto& [name, value] : plan.config)
      rd_kafka_NewTopic_set_config(topic, name.c_str(), value.c_str());
    topics.push_back(topic);
  }
  if (status.ok() && !topics.empty()) {
    const kafka::Owned<rd_kafka_queue_t> queue(rd_kafka_queue_new(client.get()));
    const kafka::Owned<rd_kafka_AdminOptions_t> options(
        rd_kafka_AdminOptions_new(client.get(), RD_KAFKA_ADMIN_OP_CREATETOPICS));
    std::array<char, 128> why{};
    rd_kafka_AdminOptions_set_operation_timeout(options.get(), kCallTimeoutMs, why.data(), why.size());
    rd_kafka_CreateTopics(client.get(), topics.data(), topics.size(), options.get(), queue.get());
    kafka::Owned<rd_kafka_event_t> event;
    status = wait_for(queue.get(), "creating topics", event);
    if (status.ok()) {
      std::size_t count = 0;
      const auto* const* results =
          rd_kafka_CreateTopics_result_topics(rd_kafka_event_CreateTopics_result(event.get()), &count);
      for (std::size_t i = 0; i < count; ++i) {
        const char* name = rd_kafka_topic_result_name(results[i]);
        const rd_kafka_resp_err_t error = rd_kafka_topic_result_error(results[i]);
        if (error == RD_KAFKA_RESP_ERR_NO_ERROR) {
          created.emplace_back(name);
        } else if (error != RD_KAFKA_RESP_ERR_TOPIC_ALREADY_EXISTS) {
          const char* text = rd_kafka_topic_result_error_string(results[i]);
          status = {IoCode::fatal, std::string("creating topic ") + name + ": " +
                                       (text != nullptr ? text : rd_kafka_err2str(error))};
        }
      }
    }
  }
  rd_kafka_NewTopic_destroy_array(topics.data(), topics.size());
  return status;
}

IoStatus check_topics(const KafkaSettings& settings, const std::vector<TopicPlan>& plans,
                      std::vector<std::string>& differences) {
  kafka::Handle client;
  Metadata metadata;
  if (IoStatus made = make_client(settings, client); !made.ok()) return made;
  if (IoStatus read = read_metadata(settings, client.get(), metadata); !read.ok()) return read;
  for (const TopicPlan& plan : plans) {
    const rd_kafka_metadata_topic* found = find_topic(*metadata, plan.name);
    if (found == nullptr || found->partition_cnt == 0) {
      differences.push_back(plan.name + ": there is no such topic");
      continue;
    }
    if (found->partition_cnt != plan.partitions) {
      differences.push_back(plan.name + ": has " + std::to_string(found->partition_cnt) +
                            " partitions, should have " + std::to_string(plan.partitions));
    }
    if (IoStatus compared = compare_config(client.get(), plan, differences); !compared.ok()) return compared;
  }
  return IoStatus::success();
}

struct KafkaProducer::State {
  KafkaSettings settings;
  kafka::Handle client;
  std::string failure;
};

KafkaProducer::KafkaProducer(const KafkaSettings& settings) : state_(std::make_unique<State>()) {
  state_->settings = settings;
}

KafkaProducer::~KafkaProducer() = default;

IoStatus KafkaProducer::open() {
  kafka::Configuration conf(state_->settings);
  conf.set("enable.idempotence", "true");
  conf.set("message.max.bytes", "64000000");
  rd_kafka_conf_set_opaque(conf.get(), state_.get());
  rd_kafka_conf_set_dr_msg_cb(conf.get(), [](rd_kafka_t*, const rd_kafka_message_t* message, void* opaque) {
    auto& failure = static_cast<State*>(opaque)->failure;
    if (message->err == RD_KAFKA_RESP_ERR_NO_ERROR || !failure.empty()) return;
    failure = kafka::text_of(std::string("writing to ") + rd_kafka_topic_name(message->rkt), message->err);
  });
  return conf.make(RD_KAFKA_PRODUCER, state_->client);
}

IoStatus KafkaProducer::send(const OutRecord& record) {
  return kafka::produce(state_->client.get(), record);
}

IoStatus KafkaProducer::flush() {
  const rd_kafka_resp_err_t error = rd_kafka_flush(state_->client.get(), 4 * kCallTimeoutMs);
  if (error != RD_KAFKA_RESP_ERR_NO_ERROR) return {IoCode::fatal, kafka::text_of("writing records", error)};
  if (!state_->failure.empty()) return {IoCode::fatal, std::exchange(state_->failure, {})};
  return IoStatus::success();
}

}  // namespace churnwire
