#include "schemas/time.h"

#include <gtest/gtest.h>

#include <limits>

namespace churnwire {
namespace {

struct ParseCase {
  const char* name;
  const char* text;
  const char* utc;  // what it is in UTC; null: refused
};

const ParseCase kParseCases[] = {
    {"utc", "2021-05-24T09:00:00Z", "2021-05-24T09:00:00Z"},
    {"lower_case_letters", "2021-05-24t09:00:00z", "2021-05-24T09:00:00Z"},
    {"offset_east", "2021-05-24T09:00:00+08:00", "2021-05-24T01:00:00Z"},
    {"offset_west_over_midnight", "2021-05-24T20:30:00-05:45", "2021-05-25T02:15:00Z"},
    {"unknown_local_offset", "2021-05-24T09:00:00-00:00", "2021-05-24T09:00:00Z"},
    {"fraction_of_a_tenth", "2021-05-24T09:00:00.5Z", "2021-05-24T09:00:00.500Z"},
    {"fraction_past_the_millisecond_is_cut", "2021-05-24T09:00:00.0019999Z", "2021-05-24T09:00:00.001Z"},
    {"bare_date", "2021-05-24", "2021-05-24T00:00:00Z"},
    {"leap_day", "2020-02-29T00:00:00Z", "2020-02-29T00:00:00Z"},
    {"leap_day_of_a_leap_century", "2000-02-29", "2000-02-29T00:00:00Z"},
    {"before_the_epoch", "1969-12-31T23:59:59.999Z", "1969-12-31T23:59:59.999Z"},
    {"leap_second", "2016-12-31T23:59:60Z", "2017-01-01T00:00:00Z"},
    {"leap_second_with_offset", "2017-01-01T08:59:60+09:00", "2017-01-01T00:00:00Z"},
    {"first_instant", "0000-01-01T00:00:00Z", "0000-01-01T00:00:00Z"},
    {"last_instant", "9999-12-31T23:59:59.999Z", "9999-12-31T23:59:59.999Z"},
    {"empty", "", nullptr},
    {"no_leap_day", "2021-02-29", nullptr},
    {"no_leap_day_in_a_century", "1900-02-29", nullptr},
    {"day_31_of_april", "2021-04-31T00:00:00Z", nullptr},
    {"day_0", "2021-04-00", nullptr},
    {"month_13", "2021-13-01", nullptr},
    {"month_0", "2021-00-01", nullptr},
    {"hour_24", "2021-05-24T24:00:00Z", nullptr},
    {"minute_60", "2021-05-24T09:60:00Z", nullptr},
    {"second_61", "2021-05-24T09:00:61Z", nullptr},
    {"leap_second_in_mid_day", "2021-05-24T09:00:60Z", nullptr},
    {"no_offset", "2021-05-24T09:00:00", nullptr},
    {"offset_without_colon", "2021-05-24T09:00:00+0800", nullptr},
    {"offset_of_24_hours", "2021-05-24T09:00:00+24:00", nullptr},
    {"no_seconds", "2021-05-24T09:00Z", nullptr},
    {"empty_fraction", "2021-05-24T09:00:00.Z", nullptr},
    {"comma_fraction", "2021-05-24T09:00:00,5Z", nullptr},
    {"blank_for_t", "2021-05-24 09:00:00Z", nullptr},
    {"blank_before", " 2021-05-24", nullptr},
    {"rest_after", "2021-05-24T09:00:00Z ", nullptr},
    {"nul_after", nullptr, nullptr},
    {"two_digit_year", "21-05-24", nullptr},
    {"five_digit_year", "12021-05-24", nullptr},
    {"sign_for_a_digit", "2021-+5-24", nullptr},
    {"offset_leaves_the_years", "9999-12-31T23:59:59-01:00", nullptr},
    {"offset_before_the_years", "0000-01-01T00:00:00+00:01", nullptr},
    {"unix_seconds", "1621846800", nullptr},
    {"mail_date", "Mon, 24 May 2021 09:00:00 GMT", nullptr},
};

TEST(Rfc3339, ParsesNamedCases) {
  for (const ParseCase& c : kParseCases) {
    SCOPED_TRACE(c.name);
    const std::string_view text = c.text == nullptr ? std::string_view("2021-05-24\0", 11) : c.text;
    const std::optional<Timestamp> time = parse_rfc3339(text);
    ASSERT_EQ(time.has_value(), c.utc != nullptr);
    if (time) {
      EXPECT_EQ(format_rfc3339(*time), c.utc);
    }
  }
}

TEST(Rfc3339, FormattedInstantsParseBack) {
  std::int64_t millis = -62167219200000;  // the year 0
  for (int i = 0; i < 1990; ++i, millis += 158'000'123'457) {
    const Timestamp time{std::chrono::milliseconds{millis}};
    EXPECT_EQ(parse_rfc3339(format_rfc3339(time)), time);
  }
}

TEST(Rfc3339, InstantsBeyondFourDigitYearsAreClamped) {
  EXPECT_EQ(format_rfc3339(Timestamp::max()), "9999-12-31T23:59:59.999Z");
  EXPECT_EQ(format_rfc3339(Timestamp::min()), "0000-01-01T00:00:00Z");
}

TEST(Rfc3339, DatesAreWrittenWithLeadingZeros) {
  EXPECT_EQ(format_date(std::chrono::sys_days{std::chrono::year{987} / 6 / 5}), "0987-06-05");
}

}  // namespace
}  // namespace churnwire
