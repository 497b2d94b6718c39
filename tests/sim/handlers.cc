#include "tests/sim/handlers.h"

#include <functional>

namespace churnwire::sim {

IoStatus ForwardHandler::handle(const Record& record, Sink& sink) {
  if (record.value.starts_with("bad")) {
    return dead_letters_.send(record, {DecodeReason::not_json, "", 0, "as planted"}, {"in", "forward", "r"},
                              sink);
  }
  return sink.send({.topic = "mid",
                    .partition = -1,
                    .key = record.key,
                    .value = record.value,
                    .timestamp = record.timestamp,
                    .headers = {}});
}

IoStatus CountHandler::open(Partition partition) {
  Rows rows;
  IoStatus read = table_.read(partition, [&](std::string_view key, std::string_view value) {
    rows.insert_or_assign(std::string(key), std::string(value));
  });
  if (read.ok()) state_[partition] = std::move(rows);
  return read;
}

std::string CountHandler::next_row(const std::string& row, std::string_view value) {
  const std::size_t count = row.empty() ? 0 : std::stoul(row);
  const std::size_t digest = std::hash<std::string>{}(row + "|" + std::string(value));
  return std::to_string(count + 1) + " " + std::to_string(digest);
}

IoStatus CountHandler::handle(const Record& record, Sink& sink) {
  const std::string key(record.key);
  std::string& row = state_.at(record.partition)[key];
  undo_[record.partition].try_emplace(key, row);
  row = next_row(row, record.value);
  for (const char* topic : {"table", "alerts"}) {
    IoStatus sent = sink.send({.topic = topic,
                               .partition = record.partition,
                               .key = key,
                               .value = row,
                               .timestamp = record.timestamp,
                               .headers = {}});
    if (!sent.ok()) return sent;
  }
  return IoStatus::success();
}

void CountHandler::settled(bool committed) {
  if (!committed) {
    for (auto& [partition, rows] : undo_) {
      const auto open = state_.find(partition);
      if (open == state_.end()) continue;
      for (auto& [key, row] : rows) {
        if (row.empty()) {
          open->second.erase(key);
        } else {
          open->second[key] = row;
        }
      }
    }
  }
  undo_.clear();
}

}  // namespace churnwire::sim
