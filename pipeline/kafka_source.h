#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>

#include "pipeline/io.h"
#include "pipeline/kafka_settings.h"

struct rd_kafka_s;

namespace churnwire {

/// A member of a Kafka consumer group on one topic. Reads committed records only, stores no offsets by
/// itself: the sink commits them. Used by its worker's thread alone, but for consumer_lag().
class KafkaSource final : public Source {
 public:
  KafkaSource(const KafkaSettings& settings, std::string topic, std::string group);
  ~KafkaSource() override;

  IoStatus subscribe(RebalanceListener& listener) override;
  IoStatus poll(std::chrono::milliseconds timeout, std::size_t records_max,
                const std::function<bool(const Record&)>& on_record) override;
  IoStatus rewind() override;
  IoStatus close() override;

  const std::string& topic() const;
  /// The client, for the sink to commit with. Null before subscribe().
  rd_kafka_s* client() const;
  /// Records between what was read last and the end of each assigned partition, summed, as the client knows
  /// it; -1 before anything is known. Any thread.
  std::int64_t consumer_lag() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace churnwire
