#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <span>
#include <string>

#include "pipeline/io.h"

namespace churnwire {

/// When a worker commits, and when it gives up.
struct WorkerPolicy {
  std::chrono::milliseconds commit_interval{100};  // also the floor of alert latency under exactly_once
  std::size_t records_per_commit_max = 100'000;
  std::size_t records_per_poll_max = 2'000;
  std::chrono::milliseconds poll_timeout{20};
  int consecutive_aborts_max = 16;  // then step() returns fatal
};

/// Counters of one worker. Written by its thread, read by any.
struct WorkerStats {
  std::atomic<std::uint64_t> records{0};  // handled, those of aborted transactions included
  std::atomic<std::uint64_t> bytes{0};    // of their values
  std::atomic<std::uint64_t> commits{0};
  std::atomic<std::uint64_t> aborts{0};
  std::atomic<std::uint64_t> last_commit_us{0};  // duration of the last commit
  std::atomic<std::uint64_t> partitions{0};      // assigned now
};

/// The step loop of a stream stage: reads records, hands them to the handler, commits outputs and offsets
/// together. One thread drives it with step(); it shares nothing mutable but its stats. Source, handler, sink
/// and clock must outlive it.
class Worker final : private RebalanceListener {
 public:
  Worker(Source& source, RecordHandler& handler, Sink& sink, const Clock& clock, WorkerPolicy policy);

  /// Joins the group.
  IoStatus start();
  /// Polls once, handles what came, commits when due. An abort is dealt with inside (roll back, rewind, go
  /// on); what is returned is ok or fatal. After fatal, drop the worker: a restart resumes from the last
  /// commit.
  IoStatus step();
  /// Commits what is done and leaves the group.
  IoStatus stop();

  const WorkerStats& stats() const { return stats_; }

 private:
  struct Progress {
    std::int64_t next_offset = -1;  // -1: nothing handled since the last commit
    std::int64_t last_offset = -1;  // of the last record handled under this assignment
  };

  IoStatus on_assigned(std::span<const Partition> partitions) override;
  IoStatus on_revoked(std::span<const Partition> partitions, bool lost) override;
  IoStatus take(const Record& record);
  bool commit_due() const;
  IoStatus commit();
  IoStatus roll_back();
  IoStatus recover(IoStatus why);

  Source& source_;
  RecordHandler& handler_;
  Sink& sink_;
  const Clock& clock_;
  WorkerPolicy policy_;
  WorkerStats stats_;
  std::map<Partition, Progress> progress_;  // one entry an assigned partition
  std::size_t uncommitted_ = 0;
  std::chrono::steady_clock::time_point oldest_uncommitted_{};
  bool must_rewind_ = false;
  int consecutive_aborts_ = 0;
};

}  // namespace churnwire
