#include "pipeline/kafka_sink.h"

#include <spdlog/spdlog.h>

#include <chrono>
#include <utility>

#include "pipeline/kafka_internal.h"
#include "schemas/check.h"

namespace churnwire {
namespace {

constexpr int kCallTimeoutMs = 15'000;
constexpr std::chrono::seconds kRetryFor{60};  // of one transactional call; below transaction.timeout.ms

}  // namespace

struct KafkaSink::State {
  KafkaSettings settings;
  KafkaSource& source;
  std::string transactional_id;
  kafka::Handle client;
  bool in_transaction = false;
  std::string delivery_failure;  // the first record since the last settlement that could not be written

  bool transactional() const { return settings.delivery == Delivery::exactly_once; }
  template <class Call>
  IoStatus retried(const std::string& what, Call&& call);
  IoStatus begin();
  IoStatus commit_transaction(rd_kafka_topic_partition_list_t* offsets);
  IoStatus commit_plain(rd_kafka_topic_partition_list_t* offsets);
};

/// Repeats a transactional call while its error is retriable, with the same arguments.
template <class Call>
IoStatus KafkaSink::State::retried(const std::string& what, Call&& call) {
  const auto give_up = std::chrono::steady_clock::now() + kRetryFor;
  for (;;) {
    const kafka::Error error(call());
    if (!error) return IoStatus::success();
    if (kafka::class_of(error.get()) != kafka::ErrorClass::retriable ||
        std::chrono::steady_clock::now() >= give_up) {
      return kafka::status_of(what, error.get());
    }
    spdlog::debug("{}: {}, trying again", what, rd_kafka_error_string(error.get()));
    rd_kafka_poll(client.get(), 50);
  }
}

IoStatus KafkaSink::State::begin() {
  if (in_transaction || !transactional()) return IoStatus::success();
  const kafka::Error error(rd_kafka_begin_transaction(client.get()));
  if (error) return kafka::status_of("beginning a transaction", error.get());
  in_transaction = true;
  return IoStatus::success();
}

IoStatus KafkaSink::State::commit_transaction(rd_kafka_topic_partition_list_t* offsets) {
  if (IoStatus begun = begin(); !begun.ok()) return begun;
  // Taken anew for every commit: a rebalance can change the generation without changing this member's
  // partitions.
  const kafka::Owned<rd_kafka_consumer_group_metadata_t> group(
      rd_kafka_consumer_group_metadata(source.client()));
  if (!group) return {IoCode::abort, "the consumer has no group any more"};
  IoStatus sent = retried("adding offsets to the transaction", [&] {
    return rd_kafka_send_offsets_to_transaction(client.get(), offsets, group.get(), kCallTimeoutMs);
  });
  if (!sent.ok()) return sent;
  IoStatus committed = retried("committing the transaction",
                               [&] { return rd_kafka_commit_transaction(client.get(), kCallTimeoutMs); });
  if (committed.ok()) in_transaction = false;
  return committed;
}

IoStatus KafkaSink::State::commit_plain(rd_kafka_topic_partition_list_t* offsets) {
  if (const auto error = rd_kafka_flush(client.get(), static_cast<int>(1000 * kRetryFor.count()));
      error != RD_KAFKA_RESP_ERR_NO_ERROR) {
    return {IoCode::abort, kafka::text_of("writing outputs", error)};
  }
  if (!delivery_failure.empty()) return {IoCode::abort, delivery_failure};
  const auto error = rd_kafka_commit(source.client(), offsets, 0);
  if (error == RD_KAFKA_RESP_ERR_NO_ERROR) return IoStatus::success();
  return {IoCode::abort, kafka::text_of("committing offsets", error)};
}

KafkaSink::KafkaSink(const KafkaSettings& settings, KafkaSource& source, std::string transactional_id)
    : state_(new State{settings, source, std::move(transactional_id), {}, false, {}}) {}

KafkaSink::~KafkaSink() {
  // What was not committed must not be waited for.
  if (state_->client)
    rd_kafka_purge(state_->client.get(), RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_NON_BLOCKING);
}

IoStatus KafkaSink::open() {
  State& state = *state_;
  kafka::Configuration conf(state.settings);
  conf.set("enable.idempotence", "true");
  const auto set_default = [&](const char* name, const char* value) {
    if (!state.settings.properties.contains(name)) conf.set(name, value);
  };
  set_default("linger.ms", "2");
  set_default("compression.type", "lz4");
  set_default("message.max.bytes", "10000000");
  set_default("queue.buffering.max.kbytes", "65536");
  if (state.transactional()) {
    conf.set("transactional.id", state.transactional_id);
    set_default("transaction.timeout.ms", "60000");
  }
  rd_kafka_conf_set_opaque(conf.get(), &state);
  rd_kafka_conf_set_dr_msg_cb(conf.get(), [](rd_kafka_t*, const rd_kafka_message_t* message, void* opaque) {
    auto& told = static_cast<State*>(opaque)->delivery_failure;
    if (message->err == RD_KAFKA_RESP_ERR_NO_ERROR || !told.empty()) return;
    told = kafka::text_of(std::string("writing to ") + rd_kafka_topic_name(message->rkt), message->err);
  });
  if (IoStatus made = conf.make(RD_KAFKA_PRODUCER, state.client); !made.ok()) return made;
  if (!state.transactional()) return IoStatus::success();
  return state.retried("taking over transactional id " + state.transactional_id,
                       [&] { return rd_kafka_init_transactions(state.client.get(), kCallTimeoutMs); });
}

IoStatus KafkaSink::send(const OutRecord& record) {
  State& state = *state_;
  if (IoStatus begun = state.begin(); !begun.ok()) return begun;
  return kafka::produce(state.client.get(), record);
}

IoStatus KafkaSink::commit(std::span<const Position> positions) {
  State& state = *state_;
  const kafka::PartitionList offsets(rd_kafka_topic_partition_list_new(static_cast<int>(positions.size())));
  for (const Position& position : positions) {
    rd_kafka_topic_partition_list_add(offsets.get(), state.source.topic().c_str(), position.partition)
        ->offset = position.next_offset;
  }
  IoStatus committed =
      state.transactional() ? state.commit_transaction(offsets.get()) : state.commit_plain(offsets.get());
  if (!committed.ok() && !state.delivery_failure.empty()) committed.message += "; " + state.delivery_failure;
  state.delivery_failure.clear();
  return committed;
}

IoStatus KafkaSink::abort() {
  State& state = *state_;
  if (!state.transactional()) {
    rd_kafka_purge(state.client.get(), RD_KAFKA_PURGE_F_QUEUE);
    rd_kafka_flush(state.client.get(), kCallTimeoutMs);
    state.delivery_failure.clear();
    return IoStatus::success();
  }
  if (!state.in_transaction) return IoStatus::success();
  IoStatus aborted = state.retried("aborting the transaction", [&] {
    return rd_kafka_abort_transaction(state.client.get(), kCallTimeoutMs);
  });
  if (aborted.ok()) state.in_transaction = false;
  state.delivery_failure.clear();
  return aborted;
}

}  // namespace churnwire
