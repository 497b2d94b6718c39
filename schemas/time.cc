#include "schemas/time.h"

#include <fmt/core.h>

#include <algorithm>

namespace churnwire {
namespace {

using std::chrono::days;
using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;
using std::chrono::sys_days;
using std::chrono::year_month_day;

// What four digits of a year can write; instants outside are not RFC 3339.
constexpr Timestamp kFirst{sys_days{std::chrono::year{0} / 1 / 1}};
constexpr Timestamp kLast{Timestamp{sys_days{std::chrono::year{9999} / 12 / 31}} + days{1} - milliseconds{1}};

/// Reads fixed-width decimal numbers and literal characters from the front of a text.
class Scanner {
 public:
  explicit Scanner(std::string_view text) : rest_(text) {}

  bool digits(std::size_t count, int& value) {
    if (rest_.size() < count) return false;
    value = 0;
    for (std::size_t i = 0; i < count; ++i) {
      if (!is_digit(rest_[i])) return false;
      value = value * 10 + (rest_[i] - '0');
    }
    rest_.remove_prefix(count);
    return true;
  }

  bool literal(char upper) {
    const char lower = upper >= 'A' && upper <= 'Z' ? static_cast<char>(upper + ('a' - 'A')) : upper;
    if (rest_.empty() || (rest_.front() != upper && rest_.front() != lower)) return false;
    rest_.remove_prefix(1);
    return true;
  }

  /// One or more digits of a second's fraction; those past the millisecond are cut.
  bool fraction(int& millis) {
    std::size_t count = 0;
    millis = 0;
    for (; count < rest_.size() && is_digit(rest_[count]); ++count) {
      if (count < 3) millis = millis * 10 + (rest_[count] - '0');
    }
    for (std::size_t i = count; i < 3; ++i) millis *= 10;
    rest_.remove_prefix(count);
    return count > 0;
  }

  bool at_end() const { return rest_.empty(); }

 private:
  static bool is_digit(char c) { return c >= '0' && c <= '9'; }
  std::string_view rest_;
};

std::optional<sys_days> scan_date(Scanner& scanner) {
  int year = 0;
  int month = 0;
  int day = 0;
  if (!scanner.digits(4, year) || !scanner.literal('-')) return std::nullopt;
  if (!scanner.digits(2, month) || !scanner.literal('-') || !scanner.digits(2, day)) return std::nullopt;
  const year_month_day date{std::chrono::year{year}, std::chrono::month{static_cast<unsigned>(month)},
                            std::chrono::day{static_cast<unsigned>(day)}};
  if (!date.ok()) return std::nullopt;
  return sys_days{date};
}

std::optional<minutes> scan_offset(Scanner& scanner) {
  if (scanner.literal('Z')) return minutes{0};
  int sign = 1;
  if (!scanner.literal('+')) {
    if (!scanner.literal('-')) return std::nullopt;
    sign = -1;
  }
  int hour = 0;
  int minute = 0;
  if (!scanner.digits(2, hour) || !scanner.literal(':') || !scanner.digits(2, minute)) return std::nullopt;
  if (hour > 23 || minute > 59) return std::nullopt;
  return minutes{sign * (hour * 60 + minute)};
}

}  // namespace

std::optional<Timestamp> parse_rfc3339(std::string_view text) {
  Scanner scanner(text);
  const std::optional<sys_days> day = scan_date(scanner);
  if (!day) return std::nullopt;
  if (scanner.at_end()) return Timestamp{*day};
  int hour = 0;
  int minute = 0;
  int second = 0;
  int millis = 0;
  if (!scanner.literal('T') || !scanner.digits(2, hour) || !scanner.literal(':')) return std::nullopt;
  if (!scanner.digits(2, minute) || !scanner.literal(':') || !scanner.digits(2, second)) return std::nullopt;
  if (hour > 23 || minute > 59 || second > 60) return std::nullopt;
  if (scanner.literal('.') && !scanner.fraction(millis)) return std::nullopt;
  const std::optional<minutes> offset = scan_offset(scanner);
  if (!offset || !scanner.at_end()) return std::nullopt;
  const Timestamp whole = Timestamp{*day} + std::chrono::hours{hour} + minutes{minute} - *offset;
  if (second == 60) {
    // A leap second exists at the end of a UTC day only; this clock has none, so it is the next second.
    const auto of_day = whole - std::chrono::floor<days>(whole);
    if (of_day != std::chrono::hours{23} + minutes{59}) return std::nullopt;
  }
  const Timestamp time = whole + seconds{second} + milliseconds{millis};
  if (time < kFirst || time > kLast) return std::nullopt;
  return time;
}

std::string format_date(std::chrono::sys_days day) {
  const year_month_day date{
      std::clamp(day, std::chrono::floor<days>(kFirst), std::chrono::floor<days>(kLast))};
  return fmt::format("{:04}-{:02}-{:02}", static_cast<int>(date.year()), static_cast<unsigned>(date.month()),
                     static_cast<unsigned>(date.day()));
}

std::string format_rfc3339(Timestamp time) {
  const Timestamp clamped = std::clamp(time, kFirst, kLast);
  const sys_days day = std::chrono::floor<days>(clamped);
  const std::chrono::hh_mm_ss clock{clamped - day};
  std::string text = fmt::format("{}T{:02}:{:02}:{:02}", format_date(day), clock.hours().count(),
                                 clock.minutes().count(), clock.seconds().count());
  if (clock.subseconds().count() != 0) text += fmt::format(".{:03}", clock.subseconds().count());
  text += 'Z';
  return text;
}

}  // namespace churnwire
