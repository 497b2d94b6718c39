#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "pipeline/io.h"
#include "schemas/errors.h"

namespace churnwire {

/// Header names of a dead letter, as Kafka Connect names its leaves; the values are UTF-8 text.
inline constexpr std::string_view kDeadLetterPrefix = "__churnwire.errors.";

/// Largest value that a dead letter carries. A larger one is cut there and the header `truncated_from` tells
/// its length.
inline constexpr std::size_t kDeadLetterValueBytesMax = 900U << 10U;
/// Headers of the record that are carried over; further ones are left out.
inline constexpr std::size_t kDeadLetterHeadersMax = 64;

/// Where a record was when it could not be read.
struct DeadLetterPlace {
  std::string_view topic;    // the input topic
  std::string_view stage;    // "detect", "correlate"
  std::string_view ruleset;  // version of rules and data
};

/// Writes dead letters: raw key, value and headers of the record, and what was wrong in headers of our own.
/// Not thread-safe; buffers are reused.
class DeadLetterWriter {
 public:
  /// `topic` is the dead-letter topic.
  DeadLetterWriter(std::string topic, std::size_t value_bytes_max = kDeadLetterValueBytesMax);

  IoStatus send(const Record& record, const DecodeError& error, const DeadLetterPlace& place, Sink& sink);

 private:
  std::string topic_;
  std::size_t value_bytes_max_;
  std::vector<std::string> texts_;
  std::vector<Header> headers_;
};

}  // namespace churnwire
