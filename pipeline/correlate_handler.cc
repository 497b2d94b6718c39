#include "pipeline/correlate_handler.h"

#include <optional>
#include <utility>

#include "pipeline/detect_handler.h"
#include "schemas/check.h"
#include "schemas/codec.h"

namespace churnwire {

CorrelateHandler::CorrelateHandler(const Catalog& catalog, CorrelateOptions options, CorrelateTopics topics,
                                   AlertFormat format, std::string ruleset, TableReader& table)
    : catalog_(catalog),
      options_(std::move(options)),
      topics_(std::move(topics)),
      format_(format),
      ruleset_(std::move(ruleset)),
      table_(table),
      dead_letters_(topics_.dead_letters) {}

IoStatus CorrelateHandler::open(Partition partition) {
  std::map<std::string, EventRow, std::less<>> rows;
  std::optional<DecodeError> broken;
  IoStatus read = table_.read(partition, [&](std::string_view key, std::string_view value) {
    if (value.empty()) {
      if (const auto found = rows.find(key); found != rows.end()) rows.erase(found);
      return;
    }
    auto row = decode_event_row(value);
    if (row) {
      rows.insert_or_assign(std::string(key), std::move(*row));
    } else if (!broken) {
      broken = std::move(row.error());
      broken->message = "event " + std::string(key) + ": " + broken->message;
    }
  });
  if (!read.ok()) return read;
  if (broken) {
    return {IoCode::fatal, topics_.events + " partition " + std::to_string(partition) +
                               " holds a row that this version cannot read: " + broken->field + ": " +
                               broken->message};
  }
  auto correlator = std::make_unique<Correlator>(catalog_, options_);
  for (auto& [id, row] : rows) correlator->restore(std::move(row));
  correlator->commit();
  stats_.restored.fetch_add(rows.size(), std::memory_order_relaxed);
  correlators_[partition] = std::move(correlator);
  count_events();
  return IoStatus::success();
}

void CorrelateHandler::close(Partition partition) {
  correlators_.erase(partition);
  count_events();
}

IoStatus CorrelateHandler::handle(const Record& record, Sink& sink) {
  const auto found = correlators_.find(record.partition);
  CHECK(found != correlators_.end());
  const auto signal = decode_signal(record.value);
  if (!signal) {
    stats_.dead.fetch_add(1, std::memory_order_relaxed);
    return dead_letters_.send(record, signal.error(), {topics_.signals, "correlate", ruleset_}, sink);
  }
  found->second->apply(*signal, output_);
  stats_.signals.fetch_add(1, std::memory_order_relaxed);
  return publish(record, sink);
}

IoStatus CorrelateHandler::publish(const Record& record, Sink& sink) {
  copy_replay_headers(record, headers_);
  const std::size_t replay_headers = headers_.size();
  for (const EventRow& row : output_.rows) {
    value_.clear();
    encode_event_row(row, value_);
    stats_.rows.fetch_add(1, std::memory_order_relaxed);
    IoStatus sent = sink.send({.topic = topics_.events,
                               .partition = record.partition,
                               .key = row.event_id,
                               .value = value_,
                               .timestamp = record.timestamp,
                               .headers = {}});
    if (!sent.ok()) return sent;
  }
  for (const Alert& alert : output_.alerts) {
    value_.clear();
    headers_.resize(replay_headers);
    std::vector<std::pair<std::string, std::string>> attributes;
    if (format_ == AlertFormat::binary) {
      encode_alert_data(alert, value_);
      attributes = alert_headers(alert);
    } else {
      encode_alert_structured(alert, value_);
      attributes = {{"content-type", "application/cloudevents+json; charset=UTF-8"}};
    }
    for (const auto& [name, value] : attributes) headers_.push_back({name, value});
    stats_.alerts.fetch_add(1, std::memory_order_relaxed);
    IoStatus sent = sink.send({.topic = topics_.alerts,
                               .partition = record.partition,
                               .key = alert.event.event_id,
                               .value = value_,
                               .timestamp = record.timestamp,
                               .headers = headers_});
    if (!sent.ok()) return sent;
  }
  return IoStatus::success();
}

void CorrelateHandler::settled(bool committed) {
  for (auto& [partition, correlator] : correlators_) {
    if (committed) {
      correlator->commit();
    } else {
      correlator->rollback();
    }
  }
  count_events();
}

void CorrelateHandler::count_events() {
  std::size_t events = 0;
  for (const auto& [partition, correlator] : correlators_) events += correlator->event_count();
  stats_.events.store(events, std::memory_order_relaxed);
}

}  // namespace churnwire
