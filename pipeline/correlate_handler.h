#pragma once

#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "operators/correlate/correlator.h"
#include "operators/entities/catalog.h"
#include "pipeline/dead_letter.h"
#include "pipeline/io.h"
#include "pipeline/table_reader.h"

namespace churnwire {

struct CorrelateTopics {
  std::string signals = "churn.signals";
  std::string events = "churn.events";
  std::string alerts = "churn.alerts";
  std::string dead_letters = "news.articles.dlq";
};

enum class AlertFormat : std::uint8_t { binary, structured };

/// Counters of a correlate handler. Written by its thread, read by any.
struct CorrelateStats {
  std::atomic<std::uint64_t> dead{0}, signals{0}, rows{0}, alerts{0}, restored{0}, events{0};
};

/// The correlate stage: signals in, event rows and alerts out, on the partition number that the signal came
/// from. Holds one Correlator a partition, restored from the events topic when the partition is assigned.
class CorrelateHandler final : public RecordHandler {
 public:
  /// `catalog` and `table` must outlive it.
  CorrelateHandler(const Catalog& catalog, CorrelateOptions options, CorrelateTopics topics,
                   AlertFormat format, std::string ruleset, TableReader& table);

  IoStatus open(Partition partition) override;
  void close(Partition partition) override;
  IoStatus handle(const Record& record, Sink& sink) override;
  void settled(bool committed) override;

  const CorrelateStats& stats() const { return stats_; }

 private:
  IoStatus publish(const Record& record, Sink& sink);
  void count_events();

  const Catalog& catalog_;
  CorrelateOptions options_;
  CorrelateTopics topics_;
  AlertFormat format_;
  std::string ruleset_;
  TableReader& table_;
  DeadLetterWriter dead_letters_;
  std::map<Partition, std::unique_ptr<Correlator>> correlators_;
  CorrelateOutput output_;
  CorrelateStats stats_;
  std::string value_;
  std::vector<Header> headers_;
};

}  // namespace churnwire
