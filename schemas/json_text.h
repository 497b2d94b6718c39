#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

#include "schemas/errors.h"

namespace churnwire {

/// The parts of JSON's grammar that simdjson On-Demand leaves unchecked in values that nobody reads, and the
/// words for what is wrong with a record. Internal to schemas/. Nothing here allocates but for errors.

/// True when `token` is a JSON number, `true`, `false` or `null`, whole.
bool is_json_scalar(std::string_view token);

/// What the content of a JSON string (between the quotes) turned out to be.
enum class EscapeFault : unsigned char { none, bad_escape, lone_surrogate };

struct Unescaped {
  std::size_t size = 0;                   // bytes written
  EscapeFault fault = EscapeFault::none;  // bad_escape: no JSON; lone_surrogate: JSON, but no text
  std::size_t fault_offset = 0;           // into the raw content
};

/// Writes the text of `raw` to `out`, which has room for raw.size() bytes. Goes on after a lone surrogate,
/// which is left out.
Unescaped unescape_json(std::string_view raw, char* out);

/// Checks the escapes of `raw` without writing.
Unescaped check_escapes(std::string_view raw);

/// A strict, slow reading of the whole record: its first fault by position, or nothing when it is one JSON
/// value of valid UTF-8 no deeper than `depth_max`. For explaining records that were refused.
std::optional<DecodeError> find_json_fault(std::string_view text, std::size_t depth_max);

}  // namespace churnwire
