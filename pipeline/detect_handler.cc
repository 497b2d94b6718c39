#include "pipeline/detect_handler.h"

#include <utility>

#include "schemas/codec.h"

namespace churnwire {

void copy_replay_headers(const Record& record, std::vector<Header>& headers) {
  headers.clear();
  for (const Header& header : record.headers) {
    if (header.name.starts_with(kReplayHeaderPrefix)) headers.push_back(header);
  }
}

DetectHandler::DetectHandler(const Knowledge& knowledge, const FeedMappings& mappings, std::string_view feed,
                             DetectTopics topics)
    : knowledge_(knowledge),
      topics_(std::move(topics)),
      decoder_(mappings, feed),
      detector_(knowledge),
      dead_letters_(topics_.dead_letters) {}

IoStatus DetectHandler::open(Partition) {
  return IoStatus::success();
}
void DetectHandler::close(Partition) {}
void DetectHandler::settled(bool) {}

IoStatus DetectHandler::handle(const Record& record, Sink& sink) {
  const auto article =
      record.tombstone
          ? std::expected<Article, DecodeError>(std::unexpected(DecodeError{
                DecodeReason::empty_record, "", 0, "the record is a tombstone: its value is null"}))
          : decoder_.decode(record.value, record.timestamp);
  if (!article) {
    stats_.dead.fetch_add(1, std::memory_order_relaxed);
    return dead_letters_.send(record, article.error(), {topics_.articles, "detect", knowledge_.ruleset()},
                              sink);
  }
  const DetectOutcome outcome = detector_.detect(*article);
  if (outcome == DetectOutcome::gated_out) {
    stats_.gated_out.fetch_add(1, std::memory_order_relaxed);
    return IoStatus::success();
  }
  const auto signals = detector_.signals();
  (signals.empty() ? stats_.no_signal : stats_.signalled).fetch_add(1, std::memory_order_relaxed);
  if (signals.empty()) return IoStatus::success();
  copy_replay_headers(record, headers_);
  for (const Signal& signal : signals) {
    value_.clear();
    encode_signal(signal, value_);
    stats_.signals.fetch_add(1, std::memory_order_relaxed);
    IoStatus sent = sink.send({.topic = topics_.signals,
                               .partition = -1,
                               .key = signal_key(signal),
                               .value = value_,
                               .timestamp = record.timestamp,
                               .headers = headers_});
    if (!sent.ok()) return sent;
  }
  return IoStatus::success();
}

}  // namespace churnwire
