#include "pipeline/dead_letter.h"

#include <algorithm>
#include <array>
#include <utility>

namespace churnwire {

DeadLetterWriter::DeadLetterWriter(std::string topic, std::size_t value_bytes_max)
    : topic_(std::move(topic)), value_bytes_max_(value_bytes_max) {}

IoStatus DeadLetterWriter::send(const Record& record, const DecodeError& error, const DeadLetterPlace& place,
                                Sink& sink) {
  using Leaf = std::pair<std::string_view, std::string>;
  const bool cut = record.value.size() > value_bytes_max_;
  const std::array leaves{
      Leaf{"topic", std::string(place.topic)},
      Leaf{"partition", std::to_string(record.partition)},
      Leaf{"offset", std::to_string(record.offset)},
      Leaf{"timestamp", format_rfc3339(record.timestamp)},
      Leaf{"stage", std::string(place.stage)},
      Leaf{"reason_code", std::string(reason_code(error.reason))},
      Leaf{"message", error.message},
      Leaf{"field", error.field},
      Leaf{"byte_offset", std::to_string(error.byte_offset)},
      Leaf{"ruleset", std::string(place.ruleset)},
      Leaf{"truncated_from", cut ? std::to_string(record.value.size()) : std::string()},
  };
  headers_.clear();
  const std::size_t kept = std::min(record.headers.size(), kDeadLetterHeadersMax);
  headers_.assign(record.headers.begin(), record.headers.begin() + static_cast<std::ptrdiff_t>(kept));
  texts_.clear();
  texts_.reserve(2 * leaves.size());  // the headers below are views of these strings
  for (const auto& [leaf, text] : leaves) {
    const std::string name = std::string(kDeadLetterPrefix) + std::string(leaf);
    const bool present =
        std::ranges::any_of(headers_, [&](const Header& header) { return header.name == name; });
    if (text.empty() || present) continue;  // a retried dead letter keeps what it said first
    texts_.push_back(name);
    texts_.push_back(text);
    headers_.push_back({texts_[texts_.size() - 2], texts_.back()});
  }
  return sink.send({.topic = topic_,
                    .partition = -1,
                    .key = record.key,
                    .value = record.value.substr(0, value_bytes_max_),
                    .timestamp = record.timestamp,
                    .headers = headers_});
}

}  // namespace churnwire
