#include "pipeline/kafka_reader.h"

#include <spdlog/spdlog.h>

#include <map>
#include <utility>

#include "pipeline/kafka_admin.h"
#include "pipeline/kafka_internal.h"

namespace churnwire {
namespace {

constexpr int kCallTimeoutMs = 10'000;
constexpr std::chrono::seconds kNoProgressMax{60};  // of a restore; below max.poll.interval.ms

}  // namespace

struct KafkaReader::State {
  KafkaSettings settings;
  std::string topic;
  kafka::Handle client;
  std::map<Partition, std::int64_t> end;       // where each partition ended at open()
  std::map<Partition, std::int64_t> position;  // next offset to read, as far as read
  std::vector<Header> headers;

  IoStatus start_offsets(ReadFrom from, rd_kafka_topic_partition_list_t* list);
};

KafkaReader::KafkaReader(const KafkaSettings& settings, std::string topic)
    : state_(std::make_unique<State>()) {
  state_->settings = settings;
  state_->topic = std::move(topic);
}

KafkaReader::~KafkaReader() = default;

/// Sets the start of each partition of `list` and notes its end.
IoStatus KafkaReader::State::start_offsets(ReadFrom from, rd_kafka_topic_partition_list_t* list) {
  for (int i = 0; i < list->cnt; ++i) {
    rd_kafka_topic_partition_t& partition = list->elems[i];
    std::int64_t low = 0;
    std::int64_t high = 0;
    const rd_kafka_resp_err_t error = rd_kafka_query_watermark_offsets(
        client.get(), topic.c_str(), partition.partition, &low, &high, kCallTimeoutMs);
    if (error != RD_KAFKA_RESP_ERR_NO_ERROR) {
      return {IoCode::fatal, kafka::text_of("asking for the end of " + topic, error)};
    }
    end[partition.partition] = high;
    partition.offset = from.kind == ReadFrom::Kind::latest ? high : low;
    if (from.kind == ReadFrom::Kind::time) partition.offset = from.time.time_since_epoch().count();
  }
  if (from.kind == ReadFrom::Kind::time) {
    const rd_kafka_resp_err_t error = rd_kafka_offsets_for_times(client.get(), list, kCallTimeoutMs);
    if (error != RD_KAFKA_RESP_ERR_NO_ERROR) {
      return {IoCode::fatal, kafka::text_of("asking where " + topic + " was at that time", error)};
    }
    for (int i = 0; i < list->cnt; ++i) {
      if (list->elems[i].offset < 0) list->elems[i].offset = end[list->elems[i].partition];
    }
  }
  for (int i = 0; i < list->cnt; ++i) position[list->elems[i].partition] = list->elems[i].offset;
  return IoStatus::success();
}

IoStatus KafkaReader::open(ReadFrom from, std::optional<Partition> partition) {
  State& state = *state_;
  kafka::Configuration conf(state.settings);
  conf.set("group.id", "churnwire-reader");  // needed by the client, never joined
  conf.set("enable.auto.commit", "false");
  conf.set("enable.auto.offset.store", "false");
  conf.set("auto.offset.reset", "error");
  conf.set("isolation.level", "read_uncommitted");  // for the high watermark; see below
  conf.set("enable.partition.eof", "true");
  kafka::Handle watermark_client;
  if (IoStatus made = conf.make(RD_KAFKA_CONSUMER, watermark_client); !made.ok()) return made;

  const TopicPartitions found = partition_count(state.settings, state.topic);
  if (!found.status.ok()) return found.status;
  const kafka::PartitionList list(rd_kafka_topic_partition_list_new(found.partitions));
  for (Partition p = 0; p < found.partitions; ++p) {
    if (!partition || *partition == p) rd_kafka_topic_partition_list_add(list.get(), state.topic.c_str(), p);
  }
  state.client = std::move(watermark_client);
  if (IoStatus known = state.start_offsets(from, list.get()); !known.ok()) return known;

  kafka::Configuration reading(state.settings);
  reading.set("group.id", "churnwire-reader");
  reading.set("enable.auto.commit", "false");
  reading.set("enable.auto.offset.store", "false");
  reading.set("auto.offset.reset", "error");
  reading.set("isolation.level", "read_committed");
  reading.set("enable.partition.eof", "true");
  reading.set("fetch.wait.max.ms", "20");
  if (IoStatus made = reading.make(RD_KAFKA_CONSUMER, state.client); !made.ok()) return made;
  rd_kafka_poll_set_consumer(state.client.get());
  const rd_kafka_resp_err_t error = rd_kafka_assign(state.client.get(), list.get());
  if (error == RD_KAFKA_RESP_ERR_NO_ERROR) return IoStatus::success();
  return {IoCode::fatal, kafka::text_of("reading " + state.topic, error)};
}

IoStatus KafkaReader::poll(std::chrono::milliseconds timeout,
                           const std::function<bool(const Record&)>& on_record) {
  State& state = *state_;
  const auto until = std::chrono::steady_clock::now() + timeout;
  Record record;
  for (;;) {
    const auto left =
        std::chrono::duration_cast<std::chrono::milliseconds>(until - std::chrono::steady_clock::now())
            .count();
    const kafka::Message message(
        rd_kafka_consumer_poll(state.client.get(), left < 0 ? 0 : static_cast<int>(left)));
    if (!message) return IoStatus::success();
    if (message->err == RD_KAFKA_RESP_ERR__PARTITION_EOF) {
      // The position at the end steps over markers, which no record shows.
      state.position[message->partition] = message->offset;
      if (at_end()) return IoStatus::success();
      continue;
    }
    if (message->err != RD_KAFKA_RESP_ERR_NO_ERROR) {
      const bool gone = message->err == RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART ||
                        message->err == RD_KAFKA_RESP_ERR__FATAL ||
                        message->err == RD_KAFKA_RESP_ERR__AUTO_OFFSET_RESET ||
                        message->err == RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED;
      if (gone) return {IoCode::fatal, kafka::text_of("reading " + state.topic, message->err)};
      spdlog::warn("{}", kafka::text_of("reading " + state.topic, message->err));
      continue;
    }
    kafka::read_message(*message, record, state.headers);
    state.position[record.partition] = record.offset + 1;
    if (!on_record(record)) return IoStatus::success();
  }
}

bool KafkaReader::at_end() const {
  for (const auto& [partition, end] : state_->end) {
    const auto found = state_->position.find(partition);
    if (found == state_->position.end() || found->second < end) return false;
  }
  return true;
}

KafkaTableReader::KafkaTableReader(const KafkaSettings& settings, std::string topic)
    : settings_(settings), topic_(std::move(topic)) {}

IoStatus KafkaTableReader::read(
    Partition partition, const std::function<void(std::string_view key, std::string_view value)>& on_row) {
  KafkaReader reader(settings_, topic_);
  if (IoStatus opened = reader.open({ReadFrom::Kind::beginning, {}}, partition); !opened.ok()) return opened;
  std::size_t rows = 0;
  auto progress = std::chrono::steady_clock::now();
  while (!reader.at_end()) {
    bool moved = false;
    IoStatus polled = reader.poll(std::chrono::milliseconds(200), [&](const Record& record) {
      on_row(record.key, record.value);
      ++rows;
      moved = true;
      return !reader.at_end();
    });
    if (!polled.ok()) return polled;
    const auto now = std::chrono::steady_clock::now();
    if (moved) progress = now;
    if (now - progress > kNoProgressMax) {
      return {IoCode::fatal,
              "restoring from " + topic_ + " partition " + std::to_string(partition) +
                  " made no progress for 60 s; a transaction that was left open may hide its end"};
    }
  }
  spdlog::debug("restored {} partition {} from {} records", topic_, partition, rows);
  return IoStatus::success();
}

}  // namespace churnwire
