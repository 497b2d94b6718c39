#include "pipeline/worker.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "schemas/check.h"

namespace churnwire {

Worker::Worker(Source& source, RecordHandler& handler, Sink& sink, const Clock& clock, WorkerPolicy policy)
    : source_(source), handler_(handler), sink_(sink), clock_(clock), policy_(policy) {}

IoStatus Worker::start() {
  return source_.subscribe(*this);
}

IoStatus Worker::step() {
  std::chrono::milliseconds timeout = policy_.poll_timeout;
  if (uncommitted_ != 0) {
    const auto waited =
        std::chrono::duration_cast<std::chrono::milliseconds>(clock_.now() - oldest_uncommitted_);
    timeout = std::clamp(policy_.commit_interval - waited, std::chrono::milliseconds{0}, timeout);
  }
  IoStatus taken;
  IoStatus polled = source_.poll(timeout, policy_.records_per_poll_max, [&](const Record& record) {
    if (must_rewind_) return false;
    taken = take(record);
    return taken.ok();
  });
  if (!polled.ok()) return recover(std::move(polled));
  if (!taken.ok()) return recover(std::move(taken));
  if (must_rewind_) return recover({IoCode::abort, "a rebalance ended the transaction"});
  if (!commit_due()) return IoStatus::success();
  if (IoStatus committed = commit(); !committed.ok()) return recover(std::move(committed));
  return IoStatus::success();
}

IoStatus Worker::stop() {
  // Source::close() revokes the assignment first, which commits what is done.
  IoStatus closed = source_.close();
  if (closed.code == IoCode::abort)
    return roll_back();  // nothing is lost: the next owner starts at the last commit
  return closed;
}

IoStatus Worker::take(const Record& record) {
  const auto found = progress_.find(record.partition);
  CHECK(found != progress_.end());
  Progress& progress = found->second;
  CHECK(record.offset > progress.last_offset);
  if (uncommitted_ == 0) oldest_uncommitted_ = clock_.now();
  ++uncommitted_;
  stats_.records.fetch_add(1, std::memory_order_relaxed);
  stats_.bytes.fetch_add(record.value.size(), std::memory_order_relaxed);
  IoStatus handled = handler_.handle(record, sink_);
  if (handled.ok()) {
    progress.last_offset = record.offset;
    progress.next_offset = record.offset + 1;
  }
  return handled;
}

bool Worker::commit_due() const {
  if (uncommitted_ == 0) return false;
  return uncommitted_ >= policy_.records_per_commit_max ||
         clock_.now() - oldest_uncommitted_ >= policy_.commit_interval;
}

IoStatus Worker::commit() {
  std::vector<Position> positions;
  for (const auto& [partition, progress] : progress_) {
    if (progress.next_offset >= 0) positions.push_back({partition, progress.next_offset});
  }
  if (positions.empty()) return IoStatus::success();
  const auto begin = clock_.now();
  IoStatus committed = sink_.commit(positions);
  if (!committed.ok()) return committed;
  const auto duration = std::chrono::duration_cast<std::chrono::microseconds>(clock_.now() - begin);
  stats_.last_commit_us.store(static_cast<std::uint64_t>(duration.count()), std::memory_order_relaxed);
  stats_.commits.fetch_add(1, std::memory_order_relaxed);
  for (auto& [partition, progress] : progress_) progress.next_offset = -1;
  uncommitted_ = 0;
  consecutive_aborts_ = 0;
  handler_.settled(true);
  return IoStatus::success();
}

IoStatus Worker::roll_back() {
  stats_.aborts.fetch_add(1, std::memory_order_relaxed);
  IoStatus aborted = sink_.abort();
  handler_.settled(false);
  for (auto& [partition, progress] : progress_) progress = {};
  uncommitted_ = 0;
  return aborted;
}

IoStatus Worker::recover(IoStatus why) {
  if (why.code == IoCode::fatal) return why;
  if (++consecutive_aborts_ > policy_.consecutive_aborts_max) {
    return {IoCode::fatal, "gave up after " + std::to_string(policy_.consecutive_aborts_max) +
                               " aborted transactions in a row; the last one: " + why.message};
  }
  if (IoStatus aborted = roll_back(); aborted.code == IoCode::fatal) return aborted;
  must_rewind_ = false;
  IoStatus rewound = source_.rewind();
  if (rewound.code == IoCode::abort) {
    must_rewind_ = true;  // tried again by the next step
    return IoStatus::success();
  }
  return rewound;
}

IoStatus Worker::on_assigned(std::span<const Partition> partitions) {
  for (const Partition partition : partitions) {
    if (IoStatus opened = handler_.open(partition); !opened.ok()) return opened;
    progress_[partition] = {};
  }
  stats_.partitions.store(progress_.size(), std::memory_order_relaxed);
  return IoStatus::success();
}

IoStatus Worker::on_revoked(std::span<const Partition> partitions, bool lost) {
  IoStatus settled = lost ? IoStatus{IoCode::abort, "the assignment was lost"} : commit();
  if (settled.code == IoCode::abort) {
    settled = roll_back();
    must_rewind_ = true;  // the partitions that stay were part of the transaction as well
  }
  for (const Partition partition : partitions) {
    progress_.erase(partition);
    handler_.close(partition);
  }
  stats_.partitions.store(progress_.size(), std::memory_order_relaxed);
  return settled.code == IoCode::abort ? IoStatus::success() : settled;
}

}  // namespace churnwire
