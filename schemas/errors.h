#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace churnwire {

/// Why a record cannot be read. Closed: a dead letter carries the word of `reason_code()`.
enum class DecodeReason : std::uint8_t {
  empty_record,
  not_json,
  truncated,
  trailing_content,
  invalid_utf8,
  wrong_type,
  missing_field,
  no_text,
  bad_value,
  duplicate_field,
  too_large,
  too_deep,
  field_too_large,
  unknown_feed
};

/// The word of `reason` for headers and metrics ("not_json").
std::string_view reason_code(DecodeReason reason);

/// A bad record: what is wrong, where, and in words that a user can act on.
struct DecodeError {
  DecodeReason reason = DecodeReason::not_json;
  std::string field;            // JSON path of the field concerned, or empty
  std::size_t byte_offset = 0;  // into the payload, as far as known
  std::string message;          // one sentence, without the reason code
};

/// A data file (catalog, lexicon, cues, weights, feed mapping) that cannot be used.
struct DataError {
  std::string file;
  std::size_t line = 0;  // 1-based; 0: the file as a whole
  std::string message;
};

}  // namespace churnwire
