#include "pipeline/topology.h"

#include <fmt/core.h>
#include <spdlog/spdlog.h>

#include <atomic>
#include <mutex>
#include <thread>
#include <utility>

#include "pipeline/clock.h"
#include "pipeline/correlate_handler.h"
#include "pipeline/detect_handler.h"
#include "pipeline/kafka_reader.h"
#include "pipeline/kafka_sink.h"
#include "pipeline/kafka_source.h"
#include "pipeline/worker.h"

namespace churnwire {

std::vector<TopicPlan> topic_plans(const Config& config) {
  const auto plan = [&](const std::string& name, std::map<std::string, std::string> settings) {
    return TopicPlan{name, config.partitions, config.replication, std::move(settings)};
  };
  return {
      plan(config.detect_topics.articles, {}),
      plan(config.detect_topics.signals, {{"cleanup.policy", "delete"}}),
      // The state: small dirty share and short segments, so that a restart reads little more than the live
      // rows.
      plan(config.correlate_topics.events, {{"cleanup.policy", "compact"},
                                            {"min.cleanable.dirty.ratio", "0.1"},
                                            {"segment.ms", "3600000"},
                                            {"max.message.bytes", "10485760"}}),
      plan(config.correlate_topics.alerts, {{"cleanup.policy", "delete"}, {"retention.ms", "-1"}}),
      plan(config.detect_topics.dead_letters, {{"cleanup.policy", "delete"}}),
  };
}

IoStatus check_topology(const Config& config, Stages stages, bool& broker_away) {
  broker_away = false;
  if (IoStatus brokers = check_brokers(config.kafka); !brokers.ok()) {
    broker_away = true;
    return brokers;
  }
  std::vector<std::string> names{config.detect_topics.dead_letters, config.detect_topics.signals};
  if (stages != Stages::correlate) names.push_back(config.detect_topics.articles);
  if (stages != Stages::detect) {
    names.push_back(config.correlate_topics.events);
    names.push_back(config.correlate_topics.alerts);
  }
  std::map<std::string, int> partitions;
  for (const std::string& name : names) {
    const TopicPartitions found = partition_count(config.kafka, name);
    if (!found.status.ok()) return found.status;
    partitions[name] = found.partitions;
  }
  if (stages == Stages::detect) return IoStatus::success();
  const int signals = partitions[config.correlate_topics.signals];
  const int events = partitions[config.correlate_topics.events];
  const int alerts = partitions[config.correlate_topics.alerts];
  if (signals == events && events == alerts) return IoStatus::success();
  return {IoCode::fatal, fmt::format("{} has {} partitions, {} has {} and {} has {}; they must have equally "
                                     "many, since an event is written "
                                     "to the partition of its signals",
                                     config.correlate_topics.signals, signals, config.correlate_topics.events,
                                     events, config.correlate_topics.alerts, alerts)};
}

/// One worker with all that it owns, driven by one thread.
struct Topology::Member {
  std::string name;  // "detect-0": also the end of its transactional id
  std::unique_ptr<KafkaSource> source;
  std::unique_ptr<KafkaSink> sink;
  std::unique_ptr<KafkaTableReader> table;  // correlate only
  std::unique_ptr<DetectHandler> detect;    // one of the two
  std::unique_ptr<CorrelateHandler> correlate;
  std::unique_ptr<Worker> worker;
  std::atomic<bool> running{false};
};

struct Topology::State {
  SteadyClock clock;
  std::vector<std::unique_ptr<Member>> members;
  std::vector<std::jthread> threads;
  std::atomic<bool> stopping{false};
  std::atomic<bool> failed{false};
  mutable std::mutex failure_mutex;
  std::string failure;

  void fail(const Member& member, const IoStatus& status) {
    const std::lock_guard lock(failure_mutex);
    if (failure.empty()) failure = member.name + ": " + status.message;
    spdlog::error("{}: {}", member.name, status.message);
    failed.store(true);
  }
  void drive(Member& member);
};

void Topology::State::drive(Member& member) {
  IoStatus status = member.sink->open();
  if (status.ok()) status = member.worker->start();
  member.running.store(status.ok());
  while (status.ok() && !stopping.load(std::memory_order_relaxed)) status = member.worker->step();
  member.running.store(false);
  if (status.code == IoCode::fatal) {
    fail(member, status);
    return;  // nothing is committed any more: the next owner starts from the last commit
  }
  if (IoStatus stopped = member.worker->stop(); !stopped.ok()) fail(member, stopped);
}

Topology::Topology(const Config& config, const Knowledge& knowledge, const FeedMappings& mappings,
                   Stages stages)
    : state_(std::make_unique<State>()) {
  const auto add = [&](const std::string& stage, int ordinal, const std::string& topic,
                       const std::string& group) {
    auto member = std::make_unique<Member>();
    member->name = fmt::format("{}-{}", stage, ordinal);
    member->source = std::make_unique<KafkaSource>(config.kafka, topic, group);
    member->sink = std::make_unique<KafkaSink>(
        config.kafka, *member->source,
        fmt::format("churnwire-{}-{}-{}", config.correlate.site, config.instance, member->name));
    RecordHandler* handler = nullptr;
    if (stage == "detect") {
      member->detect =
          std::make_unique<DetectHandler>(knowledge, mappings, config.feed, config.detect_topics);
      handler = member->detect.get();
    } else {
      member->table = std::make_unique<KafkaTableReader>(config.kafka, config.correlate_topics.events);
      member->correlate = std::make_unique<CorrelateHandler>(
          knowledge.catalog(), config.correlate, config.correlate_topics, config.alert_format,
          std::string(knowledge.ruleset()), *member->table);
      handler = member->correlate.get();
    }
    member->worker =
        std::make_unique<Worker>(*member->source, *handler, *member->sink, state_->clock, config.policy);
    state_->members.push_back(std::move(member));
  };
  for (int i = 0; stages != Stages::correlate && i < config.detect_threads; ++i) {
    add("detect", i, config.detect_topics.articles, config.detect_group);
  }
  for (int i = 0; stages != Stages::detect && i < config.correlate_threads; ++i) {
    add("correlate", i, config.correlate_topics.signals, config.correlate_group);
  }
}

Topology::~Topology() {
  stop();
}

void Topology::start() {
  for (const auto& member : state_->members) {
    state_->threads.emplace_back([state = state_.get(), m = member.get()] { state->drive(*m); });
  }
}

void Topology::stop() {
  state_->stopping.store(true);
  state_->threads.clear();  // joins
}

bool Topology::failed() const {
  return state_->failed.load();
}

std::string Topology::failure() const {
  const std::lock_guard lock(state_->failure_mutex);
  return state_->failure;
}

bool Topology::ready() const {
  std::uint64_t partitions = 0;
  for (const auto& member : state_->members) {
    if (!member->running.load()) return false;
    partitions += member->worker->stats().partitions.load();
  }
  return partitions != 0;
}

TopologyStats Topology::stats() const {
  TopologyStats sums;
  for (const auto& member : state_->members) {
    TopologyStats::Stage& stage = member->detect ? sums.detect : sums.correlate;
    const WorkerStats& worker = member->worker->stats();
    stage.workers += 1;
    stage.partitions += worker.partitions.load();
    stage.records += worker.records.load();
    stage.bytes += worker.bytes.load();
    stage.commits += worker.commits.load();
    stage.aborts += worker.aborts.load();
    stage.last_commit_us = std::max(stage.last_commit_us, worker.last_commit_us.load());
    const std::int64_t lag = member->source->consumer_lag();
    stage.lag = lag < 0 || stage.lag < 0 ? -1 : stage.lag + lag;
    if (member->detect) {
      const DetectStats& detect = member->detect->stats();
      sums.dead += detect.dead.load();
      sums.gated_out += detect.gated_out.load();
      sums.no_signal += detect.no_signal.load();
      sums.signalled += detect.signalled.load();
      sums.signals += detect.signals.load();
    } else {
      const CorrelateStats& correlate = member->correlate->stats();
      sums.dead += correlate.dead.load();
      sums.signals_in += correlate.signals.load();
      sums.rows += correlate.rows.load();
      sums.alerts += correlate.alerts.load();
      sums.restored += correlate.restored.load();
      sums.events += correlate.events.load();
    }
  }
  return sums;
}

}  // namespace churnwire
