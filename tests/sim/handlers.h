#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "pipeline/dead_letter.h"
#include "pipeline/io.h"
#include "pipeline/table_reader.h"

/// Two small stages with the shapes of the real ones: a stateless one with dead letters, and a stateful one
/// whose output table is its state. Small states make every loss and doubling visible in the result.
namespace churnwire::sim {

/// "in" -> "mid": forwards records by key; a value that starts with "bad" is a dead letter.
class ForwardHandler final : public RecordHandler {
 public:
  ForwardHandler() : dead_letters_("dlq") {}
  IoStatus open(Partition) override { return IoStatus::success(); }
  void close(Partition) override {}
  IoStatus handle(const Record& record, Sink& sink) override;
  void settled(bool) override {}

 private:
  DeadLetterWriter dead_letters_;
};

/// "mid" -> "table" and "alerts", on the partition number of the record: counts the records of each key and
/// keeps the values in arrival order, as a digest. Restores itself from "table".
class CountHandler final : public RecordHandler {
 public:
  explicit CountHandler(TableReader& table) : table_(table) {}
  IoStatus open(Partition partition) override;
  void close(Partition partition) override { state_.erase(partition); }
  IoStatus handle(const Record& record, Sink& sink) override;
  void settled(bool committed) override;

  /// The row that follows `row` ("" for none) when `value` comes: "count digest".
  static std::string next_row(const std::string& row, std::string_view value);

 private:
  using Rows = std::map<std::string, std::string>;
  TableReader& table_;
  std::map<Partition, Rows> state_;
  std::map<Partition, Rows> undo_;  // rows as they were at the last settlement, "" where there was none
};

}  // namespace churnwire::sim
