#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "schemas/time.h"

/// The seams where the world plugs in. This header and the worker know neither Kafka nor news.
namespace churnwire {

/// A partition of the worker's input topic.
using Partition = std::int32_t;

struct Header {
  std::string_view name;
  std::string_view value;
};

/// A record read. Views are valid until the next poll().
struct Record {
  Partition partition = 0;
  std::int64_t offset = 0;
  Timestamp timestamp{};
  std::string_view key;
  std::string_view value;
  bool tombstone = false;  // null value, as opposed to an empty one
  std::span<const Header> headers;
};

/// A record to write. `send` copies what it needs.
struct OutRecord {
  std::string_view topic;
  std::int32_t partition = -1;  // -1: by key hash
  std::string_view key;
  std::string_view value;
  Timestamp timestamp{};
  std::span<const Header> headers;
};

/// The next offset to read of a partition: what a commit stores.
struct Position {
  Partition partition = 0;
  std::int64_t next_offset = 0;
  bool operator==(const Position&) const = default;
};

/// How the world failed. Never returned for a bad record.
enum class IoCode : std::uint8_t {
  ok,
  abort,  // this transaction cannot commit: abort, roll back, rewind, go on
  fatal   // this worker cannot go on (fenced, broker gone for good): stop it, a restart resumes from the last
          // commit
};
struct [[nodiscard]] IoStatus {
  IoCode code = IoCode::ok;
  std::string message;
  bool ok() const { return code == IoCode::ok; }
  static IoStatus success() { return {}; }
};

/// Told of changes of the assignment from inside Source::poll(). A revoke that is not `lost` may still
/// commit.
class RebalanceListener {
 public:
  virtual ~RebalanceListener() = default;
  virtual IoStatus on_assigned(std::span<const Partition> partitions) = 0;
  virtual IoStatus on_revoked(std::span<const Partition> partitions, bool lost) = 0;
};

/// A consumer-group member on one input topic.
class Source {
 public:
  virtual ~Source() = default;
  /// Joins the group. `listener` must outlive the source.
  virtual IoStatus subscribe(RebalanceListener& listener) = 0;
  /// Waits up to `timeout` for records, hands each to `on_record` in partition order, at most `records_max`.
  /// May call the listener first. `on_record` returns false to stop early (the record counts as not
  /// delivered).
  virtual IoStatus poll(std::chrono::milliseconds timeout, std::size_t records_max,
                        const std::function<bool(const Record&)>& on_record) = 0;
  /// Moves every assigned partition back to its committed offset (or the start where none is committed).
  virtual IoStatus rewind() = 0;
  /// Leaves the group. The listener sees a last on_revoked() first.
  virtual IoStatus close() = 0;
};

/// A (transactional) producer, together with the commit of the source's offsets.
class Sink {
 public:
  virtual ~Sink() = default;
  /// Queues one record; opens a transaction when none is open. Blocks while the queue is full.
  virtual IoStatus send(const OutRecord& record) = 0;
  /// Makes everything sent and `positions` durable at once (exactly_once), or flushes and then commits
  /// (at_least_once). On `abort` nothing of it is visible to a read_committed reader.
  virtual IoStatus commit(std::span<const Position> positions) = 0;
  /// Drops everything sent since the last commit. A no-op without an open transaction.
  virtual IoStatus abort() = 0;
};

/// Monotonic time, for commit intervals and latency only; results never depend on it.
class Clock {
 public:
  virtual ~Clock() = default;
  virtual std::chrono::steady_clock::time_point now() const = 0;
};

/// What a worker does with records. One per worker; called from its thread only.
class RecordHandler {
 public:
  virtual ~RecordHandler() = default;
  /// A partition is ours: load its state. Called before its first record.
  virtual IoStatus open(Partition partition) = 0;
  /// A partition is gone: drop its state.
  virtual void close(Partition partition) = 0;
  /// Handles one record, sends what follows from it. A bad record is a dead letter, not a failure.
  virtual IoStatus handle(const Record& record, Sink& sink) = 0;
  /// The transaction that holds the records since the last call was committed (or was aborted: undo their
  /// effects).
  virtual void settled(bool committed) = 0;
};

}  // namespace churnwire
