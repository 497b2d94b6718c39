#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "pipeline/io.h"
#include "pipeline/kafka_settings.h"
#include "pipeline/table_reader.h"

namespace churnwire {

/// Where a reader begins.
struct ReadFrom {
  enum class Kind : unsigned char { beginning, latest, time } kind = Kind::beginning;
  Timestamp time{};
};

/// Reads partitions of one topic without a consumer group: subscribers in the terminal, dead letters,
/// restore. Committed records only. One thread.
class KafkaReader {
 public:
  KafkaReader(const KafkaSettings& settings, std::string topic);
  ~KafkaReader();

  /// Starts reading: all partitions of the topic, or only `partition`. Notes where each ends now (its high
  /// watermark, open transactions included). Fatal when there is no broker or no topic.
  IoStatus open(ReadFrom from, std::optional<Partition> partition = std::nullopt);
  /// Hands over what comes within `timeout`, one record after another. `on_record` returns false to stop
  /// early.
  IoStatus poll(std::chrono::milliseconds timeout, const std::function<bool(const Record&)>& on_record);
  /// True once everything that stood in the topic at open() was read.
  bool at_end() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// TableReader on Kafka: reads up to the high watermark that a read_uncommitted handle sees, so that an open
/// transaction of a dead owner cannot hide rows, and counts positions, not records, since markers and
/// compaction leave gaps.
class KafkaTableReader final : public TableReader {
 public:
  KafkaTableReader(const KafkaSettings& settings, std::string topic);
  IoStatus read(Partition partition,
                const std::function<void(std::string_view key, std::string_view value)>& on_row) override;

 private:
  KafkaSettings settings_;
  std::string topic_;
};

}  // namespace churnwire
