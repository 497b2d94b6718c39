#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace churnwire {

/// An instant in UTC, in milliseconds since the Unix epoch.
using Timestamp = std::chrono::sys_time<std::chrono::milliseconds>;

/// Parses an RFC 3339 date-time ("2021-05-24T09:00:00Z", fraction and numeric offset allowed; a bare date is
/// read as midnight UTC). Fractions past the millisecond are cut. Nothing when the text is not such an
/// instant.
std::optional<Timestamp> parse_rfc3339(std::string_view text);

/// Writes `time` as RFC 3339 in UTC: seconds, and milliseconds where they are not zero. Instants outside the
/// years 0000 to 9999 are written as the nearest that four digits of a year can say.
std::string format_rfc3339(Timestamp time);

/// Writes the calendar date, "2021-05-24".
std::string format_date(std::chrono::sys_days day);

}  // namespace churnwire
