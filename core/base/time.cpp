#include "core/base/time.h"

#include "core/base/error.h"
#include "core/base/excerpt.h"
#include "core/base/text.h"

#include <fmt/format.h>

namespace deis {
namespace {

using namespace std::chrono;

struct Civil {
  year_month_day date;
  hh_mm_ss<nanoseconds> time;
};

Civil to_civil(SystemTime t) {
  const auto day = floor<days>(t);
  return {year_month_day(day), hh_mm_ss<nanoseconds>(t - day)};
}

void put_digits(char* end, int count, std::int64_t number) {
  for (; count > 0; --count, number /= 10) *--end = static_cast<char>('0' + number % 10);
}

// By hand: lists of the API are full of times.
std::string date_and_time(const Civil& c) {
  std::string text = "0000-00-00T00:00:00";
  put_digits(text.data() + 4, 4, static_cast<int>(c.date.year()));
  put_digits(text.data() + 7, 2, static_cast<unsigned>(c.date.month()));
  put_digits(text.data() + 10, 2, static_cast<unsigned>(c.date.day()));
  put_digits(text.data() + 13, 2, c.time.hours().count());
  put_digits(text.data() + 16, 2, c.time.minutes().count());
  put_digits(text.data() + 19, 2, c.time.seconds().count());
  return text;
}

// A clock of 64 bits of nanoseconds knows 1677 to 2262. What Docker calls "never" is in the year 1: the
// nearest time that can be told stands for all beyond.
SystemTime in_range(sys_seconds t, nanoseconds fraction) {
  constexpr seconds kFirst = ceil<days>(SystemTime::min().time_since_epoch());  // its midnight is known too
  constexpr seconds kLast = floor<seconds>(SystemTime::max().time_since_epoch()) - seconds(1);
  if (t.time_since_epoch() < kFirst) return SystemTime(kFirst);
  if (t.time_since_epoch() > kLast) return SystemTime(kLast);
  return SystemTime(t.time_since_epoch()) + fraction;
}

// Reads the stamp front to back; every step fails with the whole text in the message.
class StampReader {
 public:
  explicit StampReader(std::string_view text) : whole_(text), rest_(text) {}

  int number(std::size_t digits, int low, int high) {
    const auto value = parse_int(rest_.substr(0, digits));
    if (rest_.size() < digits || !value || rest_[0] == '-' || *value < low || *value > high) fail();
    rest_.remove_prefix(digits);
    return static_cast<int>(*value);
  }

  void literal(char c) {
    if (rest_.empty() || rest_[0] != c) fail();
    rest_.remove_prefix(1);
  }

  nanoseconds fraction() {
    if (rest_.empty() || rest_[0] != '.') return nanoseconds(0);
    rest_.remove_prefix(1);
    std::int64_t nanos = 0;
    std::size_t digits = 0;
    for (; digits < rest_.size() && rest_[digits] >= '0' && rest_[digits] <= '9'; ++digits) {
      if (digits < 9) nanos = nanos * 10 + (rest_[digits] - '0');
    }
    if (digits == 0) fail();
    for (std::size_t i = digits; i < 9; ++i) nanos *= 10;
    rest_.remove_prefix(digits);
    return nanoseconds(nanos);
  }

  minutes offset() {
    if (rest_ == "Z" || rest_ == "z") return minutes(0);
    if (rest_.empty() || (rest_[0] != '+' && rest_[0] != '-')) fail();
    const int sign = rest_[0] == '-' ? -1 : 1;
    rest_.remove_prefix(1);
    const int hour = number(2, 0, 23);
    literal(':');
    const int minute = number(2, 0, 59);
    if (!rest_.empty()) fail();
    return minutes(sign * (hour * 60 + minute));
  }

  [[noreturn]] void fail() const {
    throw Error(ErrorCode::invalid, fmt::format("'{}' is not an RFC 3339 time", excerpt(whole_)));
  }

 private:
  std::string_view whole_, rest_;
};

}  // namespace

std::string format_utc(SystemTime t) {
  return date_and_time(to_civil(t)) + "UTC";
}

std::string format_iso_micros(SystemTime t) {
  const Civil c = to_civil(t);
  return fmt::format("{}.{:06}Z", date_and_time(c), c.time.subseconds().count() / 1000);
}

std::string format_rfc3339_nanos(SystemTime t) {
  const Civil c = to_civil(t);
  return fmt::format("{}.{:09}Z", date_and_time(c), c.time.subseconds().count());
}

SystemTime parse_rfc3339(std::string_view text) {
  StampReader reader(text);
  const int y = reader.number(4, 1, 9999);
  reader.literal('-');
  const int m = reader.number(2, 1, 12);
  reader.literal('-');
  const int d = reader.number(2, 1, 31);
  reader.literal('T');
  const year_month_day date(year(y), month(static_cast<unsigned>(m)), day(static_cast<unsigned>(d)));
  if (!date.ok()) reader.fail();
  const int hour = reader.number(2, 0, 23);
  reader.literal(':');
  const int minute = reader.number(2, 0, 59);
  reader.literal(':');
  const int second = reader.number(2, 0, 60);
  const auto fraction = reader.fraction();
  const auto offset = reader.offset();
  return in_range(
      sys_seconds(sys_days(date)) + hours(hour) + minutes(minute) + seconds(second) - offset, fraction);
}

}  // namespace deis
