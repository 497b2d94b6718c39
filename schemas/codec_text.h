#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "schemas/event.h"

namespace churnwire {

/// Forms of single values on the wire, shared by encoder and decoder. Internal to schemas/.

/// A share in [0, 1] with at most four decimals: "0.94", "1". What is no number is 0.
std::string format_share(double share);

/// A hash as 16 lower-case hex digits: JSON numbers lose the low bits of 64.
std::string format_hash(std::uint64_t hash);
std::optional<std::uint64_t> parse_hash(std::string_view text);

/// The CloudEvents attributes of `alert` but for its data, in the order of the envelope.
std::vector<std::pair<std::string, std::string>> alert_attributes(const Alert& alert);

}  // namespace churnwire
