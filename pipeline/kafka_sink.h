#pragma once

#include <memory>
#include <span>
#include <string>

#include "pipeline/io.h"
#include "pipeline/kafka_settings.h"
#include "pipeline/kafka_source.h"

namespace churnwire {

/// The producer of a worker, which also commits the offsets of its source. With exactly_once both go into one
/// Kafka transaction; with at_least_once outputs are flushed before offsets are committed. One thread.
class KafkaSink final : public Sink {
 public:
  /// `transactional_id` must be stable over restarts and unique in the cluster; unused with at_least_once.
  /// `source` must outlive it.
  KafkaSink(const KafkaSettings& settings, KafkaSource& source, std::string transactional_id);
  ~KafkaSink() override;

  /// Connects; with exactly_once fences the last owner of the transactional id and aborts what it left open.
  IoStatus open();
  IoStatus send(const OutRecord& record) override;
  IoStatus commit(std::span<const Position> positions) override;
  IoStatus abort() override;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace churnwire
