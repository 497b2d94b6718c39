#include "pipeline/kafka_source.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <atomic>
#include <map>
#include <mutex>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "pipeline/kafka_internal.h"
#include "schemas/check.h"

namespace churnwire {
namespace {

constexpr int kCallTimeoutMs = 10'000;  // of one request to the coordinator; well below max.poll.interval.ms
constexpr int kAttemptsMax = 6;

}  // namespace

struct KafkaSource::State {
  KafkaSettings settings;
  std::string topic;
  std::string group;
  kafka::Handle client;
  RebalanceListener* listener = nullptr;
  IoStatus failure;      // from inside a callback, returned by the next poll()
  kafka::Message spare;  // refused by on_record: delivered first next time
  std::vector<Header> headers;
  std::map<Partition, std::int64_t> next_offset;  // of what was delivered
  std::atomic<std::int64_t> lag{-1};

  void rebalance(rd_kafka_resp_err_t what, rd_kafka_topic_partition_list_t* partitions);
  IoStatus assign(rd_kafka_topic_partition_list_t* partitions);
  IoStatus revoke(rd_kafka_topic_partition_list_t* partitions);
  IoStatus committed_offsets(rd_kafka_topic_partition_list_t* partitions);
  IoStatus on_error(const rd_kafka_message_t& message);
  void measure_lag();
};

namespace {

std::vector<Partition> numbers(const rd_kafka_topic_partition_list_t& list) {
  std::vector<Partition> partitions;
  for (int i = 0; i < list.cnt; ++i) partitions.push_back(list.elems[i].partition);
  std::ranges::sort(partitions);
  return partitions;
}

bool cooperative(rd_kafka_t* client) {
  const char* protocol = rd_kafka_rebalance_protocol(client);
  return protocol != nullptr && std::string_view(protocol) == "COOPERATIVE";
}

}  // namespace

/// Fills in where each partition starts: its committed offset, else the beginning. Errors are retried, since
/// taking a passing one for "nothing committed" would read everything again.
IoStatus KafkaSource::State::committed_offsets(rd_kafka_topic_partition_list_t* partitions) {
  rd_kafka_resp_err_t error = RD_KAFKA_RESP_ERR_NO_ERROR;
  for (int attempt = 0; attempt < kAttemptsMax; ++attempt) {
    error = rd_kafka_committed(client.get(), partitions, kCallTimeoutMs);
    for (int i = 0; error == RD_KAFKA_RESP_ERR_NO_ERROR && i < partitions->cnt; ++i)
      error = partitions->elems[i].err;
    if (error == RD_KAFKA_RESP_ERR_NO_ERROR) break;
    spdlog::warn("{}", kafka::text_of("reading committed offsets of " + topic + ", trying again", error));
    std::this_thread::sleep_for(std::chrono::milliseconds(200));
  }
  if (error != RD_KAFKA_RESP_ERR_NO_ERROR) {
    return {IoCode::fatal, kafka::text_of("cannot read the committed offsets of " + topic, error)};
  }
  for (int i = 0; i < partitions->cnt; ++i) {
    rd_kafka_topic_partition_t& partition = partitions->elems[i];
    if (partition.offset < 0) partition.offset = RD_KAFKA_OFFSET_BEGINNING;
  }
  return IoStatus::success();
}

IoStatus KafkaSource::State::assign(rd_kafka_topic_partition_list_t* partitions) {
  if (IoStatus known = committed_offsets(partitions); !known.ok()) return known;
  if (IoStatus opened = listener->on_assigned(numbers(*partitions)); !opened.ok()) return opened;
  if (cooperative(client.get())) {
    const kafka::Error error(rd_kafka_incremental_assign(client.get(), partitions));
    return error ? kafka::status_of("assigning partitions of " + topic, error.get()) : IoStatus::success();
  }
  const rd_kafka_resp_err_t error = rd_kafka_assign(client.get(), partitions);
  if (error == RD_KAFKA_RESP_ERR_NO_ERROR) return IoStatus::success();
  return {IoCode::fatal, kafka::text_of("assigning partitions of " + topic, error)};
}

IoStatus KafkaSource::State::revoke(rd_kafka_topic_partition_list_t* partitions) {
  spare.reset();
  const bool lost = rd_kafka_assignment_lost(client.get()) != 0;
  IoStatus settled = listener->on_revoked(numbers(*partitions), lost);
  for (int i = 0; i < partitions->cnt; ++i) next_offset.erase(partitions->elems[i].partition);
  if (cooperative(client.get())) {
    const kafka::Error error(rd_kafka_incremental_unassign(client.get(), partitions));
    if (error && settled.ok()) settled = kafka::status_of("giving up partitions of " + topic, error.get());
  } else {
    rd_kafka_assign(client.get(), nullptr);
  }
  return settled;
}

void KafkaSource::State::rebalance(rd_kafka_resp_err_t what, rd_kafka_topic_partition_list_t* partitions) {
  IoStatus done;
  if (what == RD_KAFKA_RESP_ERR__ASSIGN_PARTITIONS) {
    done = assign(partitions);
    if (!done.ok()) rd_kafka_assign(client.get(), nullptr);
  } else {
    done = revoke(partitions);
  }
  spdlog::debug("{}: {} partitions {}", topic, partitions->cnt,
                what == RD_KAFKA_RESP_ERR__ASSIGN_PARTITIONS ? "assigned" : "revoked");
  if (!done.ok() && failure.ok()) failure = std::move(done);
}

IoStatus KafkaSource::State::on_error(const rd_kafka_message_t& message) {
  switch (message.err) {
    case RD_KAFKA_RESP_ERR__PARTITION_EOF:
      return IoStatus::success();
    case RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART:
      return {IoCode::fatal, "there is no topic " + topic + " on " + settings.brokers +
                                 "; make the topics with: churnwire topics create"};
    case RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED:
    case RD_KAFKA_RESP_ERR_GROUP_AUTHORIZATION_FAILED:
      return {IoCode::fatal, kafka::text_of("reading " + topic + " as group " + group, message.err)};
    case RD_KAFKA_RESP_ERR__AUTO_OFFSET_RESET:
      return {IoCode::fatal,
              topic + " partition " + std::to_string(message.partition) +
                  ": the committed offset is no longer in the log (records were deleted before they were "
                  "read); move the group's offsets with Kafka's own tools, knowing what is skipped"};
    case RD_KAFKA_RESP_ERR__FATAL: {
      std::array<char, 512> why{};
      rd_kafka_fatal_error(client.get(), why.data(), why.size());
      return {IoCode::fatal, std::string("the Kafka consumer failed for good: ") + why.data()};
    }
    default:
      // Passing faults (a broker away, a leader moving) that the client mends by itself.
      spdlog::warn("{}", kafka::text_of(topic, message.err));
      return IoStatus::success();
  }
}

void KafkaSource::State::measure_lag() {
  std::int64_t total = 0;
  for (const auto& [partition, offset] : next_offset) {
    std::int64_t low = 0;
    std::int64_t high = 0;
    if (rd_kafka_get_watermark_offsets(client.get(), topic.c_str(), partition, &low, &high) ==
            RD_KAFKA_RESP_ERR_NO_ERROR &&
        high > offset) {
      total += high - offset;
    }
  }
  lag.store(total, std::memory_order_relaxed);
}

KafkaSource::KafkaSource(const KafkaSettings& settings, std::string topic, std::string group)
    : state_(std::make_unique<State>()) {
  state_->settings = settings;
  state_->topic = std::move(topic);
  state_->group = std::move(group);
}

KafkaSource::~KafkaSource() = default;

IoStatus KafkaSource::subscribe(RebalanceListener& listener) {
  state_->listener = &listener;
  kafka::Configuration conf(state_->settings);
  conf.set("group.id", state_->group);
  conf.set("enable.auto.commit", "false");
  conf.set("enable.auto.offset.store", "false");
  conf.set("auto.offset.reset", "error");
  conf.set("isolation.level", "read_committed");
  if (!state_->settings.properties.contains("partition.assignment.strategy")) {
    conf.set("partition.assignment.strategy", "range");  // kafka_client_hazards() says why
  }
  rd_kafka_conf_set_opaque(conf.get(), state_.get());
  rd_kafka_conf_set_rebalance_cb(
      conf.get(), [](rd_kafka_t*, rd_kafka_resp_err_t what, rd_kafka_topic_partition_list_t* partitions,
                     void* state) { static_cast<State*>(state)->rebalance(what, partitions); });
  if (IoStatus made = conf.make(RD_KAFKA_CONSUMER, state_->client); !made.ok()) return made;
  rd_kafka_poll_set_consumer(state_->client.get());
  const kafka::PartitionList topics(rd_kafka_topic_partition_list_new(1));
  rd_kafka_topic_partition_list_add(topics.get(), state_->topic.c_str(), RD_KAFKA_PARTITION_UA);
  const rd_kafka_resp_err_t error = rd_kafka_subscribe(state_->client.get(), topics.get());
  if (error == RD_KAFKA_RESP_ERR_NO_ERROR) return IoStatus::success();
  return {IoCode::fatal, kafka::text_of("subscribing to " + state_->topic, error)};
}

IoStatus KafkaSource::poll(std::chrono::milliseconds timeout, std::size_t records_max,
                           const std::function<bool(const Record&)>& on_record) {
  State& state = *state_;
  int wait_ms = static_cast<int>(timeout.count());
  Record record;
  for (std::size_t delivered = 0; delivered < records_max;) {
    kafka::Message message = std::move(state.spare);
    if (!message) message.reset(rd_kafka_consumer_poll(state.client.get(), wait_ms));
    wait_ms = 0;
    if (!state.failure.ok()) return std::exchange(state.failure, IoStatus::success());
    if (!message) break;
    if (message->err != RD_KAFKA_RESP_ERR_NO_ERROR) {
      if (IoStatus status = state.on_error(*message); !status.ok()) return status;
      continue;
    }
    kafka::read_message(*message, record, state.headers);
    if (!on_record(record)) {
      state.spare = std::move(message);
      break;
    }
    state.next_offset[record.partition] = record.offset + 1;
    ++delivered;
  }
  state.measure_lag();
  return IoStatus::success();
}

IoStatus KafkaSource::rewind() {
  State& state = *state_;
  state.spare.reset();
  rd_kafka_topic_partition_list_t* assigned = nullptr;
  const rd_kafka_resp_err_t error = rd_kafka_assignment(state.client.get(), &assigned);
  if (error != RD_KAFKA_RESP_ERR_NO_ERROR)
    return {IoCode::fatal, kafka::text_of("reading the assignment", error)};
  const kafka::PartitionList partitions(assigned);
  if (partitions->cnt == 0) return IoStatus::success();
  if (IoStatus known = state.committed_offsets(partitions.get()); !known.ok()) return known;
  const kafka::Error failed(rd_kafka_seek_partitions(state.client.get(), partitions.get(), kCallTimeoutMs));
  if (failed)
    return {IoCode::abort,
            std::string("seeking back in ") + state.topic + ": " + rd_kafka_error_string(failed.get())};
  for (int i = 0; i < partitions->cnt; ++i) {
    if (partitions->elems[i].err != RD_KAFKA_RESP_ERR_NO_ERROR) {
      return {IoCode::abort, kafka::text_of("seeking back in " + state.topic, partitions->elems[i].err)};
    }
  }
  return IoStatus::success();
}

IoStatus KafkaSource::close() {
  State& state = *state_;
  if (!state.client) return IoStatus::success();
  state.spare.reset();
  const rd_kafka_resp_err_t error = rd_kafka_consumer_close(state.client.get());
  if (!state.failure.ok()) return std::exchange(state.failure, IoStatus::success());
  if (error == RD_KAFKA_RESP_ERR_NO_ERROR) return IoStatus::success();
  return {IoCode::abort, kafka::text_of("leaving group " + state.group, error)};
}

const std::string& KafkaSource::topic() const {
  return state_->topic;
}
rd_kafka_s* KafkaSource::client() const {
  return state_->client.get();
}
std::int64_t KafkaSource::consumer_lag() const {
  return state_->lag.load(std::memory_order_relaxed);
}

}  // namespace churnwire
