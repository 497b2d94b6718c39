#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "operators/detector.h"
#include "pipeline/config.h"
#include "pipeline/io.h"
#include "pipeline/kafka_admin.h"
#include "schemas/article_decoder.h"

namespace churnwire {

/// Which stages a process runs.
enum class Stages : unsigned char { both, detect, correlate };

/// Sums over the workers of a process, at one moment.
struct TopologyStats {
  struct Stage {
    std::uint64_t workers = 0, partitions = 0, records = 0, bytes = 0, commits = 0, aborts = 0,
                  last_commit_us = 0;
    std::int64_t lag = 0;  // -1: not known yet
  };
  Stage detect;
  Stage correlate;
  std::uint64_t dead = 0, gated_out = 0, no_signal = 0, signalled = 0, signals = 0;
  std::uint64_t signals_in = 0, rows = 0, alerts = 0, restored = 0, events = 0;
};

/// The topics as `topics create` makes them and `topics check` wants them.
std::vector<TopicPlan> topic_plans(const Config& config);

/// Signals, events and alerts must have equally many partitions, and the input must be there. Fatal
/// otherwise, and when no broker answers (`broker_away` is then set).
IoStatus check_topology(const Config& config, Stages stages, bool& broker_away);

/// The workers of a process, each on a thread of its own. They share `knowledge` and `mappings`, which must
/// outlive it.
class Topology {
 public:
  Topology(const Config& config, const Knowledge& knowledge, const FeedMappings& mappings, Stages stages);
  ~Topology();
  Topology(const Topology&) = delete;
  Topology& operator=(const Topology&) = delete;

  /// Starts the threads.
  void start();
  /// Asks every worker to commit and leave, and waits for them.
  void stop();
  /// True once a worker gave up; failure() says why. The process should stop then.
  bool failed() const;
  std::string failure() const;
  /// True while every worker polls and at least one partition is assigned.
  bool ready() const;
  TopologyStats stats() const;

 private:
  struct Member;
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace churnwire
