#pragma once

#include <functional>
#include <string_view>

#include "pipeline/io.h"

namespace churnwire {

/// Reads one partition of a compacted topic from its beginning to its end: the state of a correlate worker.
class TableReader {
 public:
  virtual ~TableReader() = default;
  /// Calls `on_row` for each committed record of `partition` up to the high watermark at the time of the
  /// call, in offset order (a key may come several times; the last counts; an empty value deletes it).
  /// Bounded in time: without progress it fails instead of waiting for ever. Must run after the sink fenced
  /// the partition's last owner.
  virtual IoStatus read(Partition partition,
                        const std::function<void(std::string_view key, std::string_view value)>& on_row) = 0;
};

}  // namespace churnwire
