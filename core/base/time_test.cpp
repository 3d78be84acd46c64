#include "core/base/time.h"

#include "core/base/error.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>

namespace deis {
namespace {

using namespace std::chrono;

const SystemTime kMoment = sys_days(year(2026) / 11 / 23) + 14h + 12min + 17s + 501264123ns;

TEST(Time, IsWrittenAsTheContractDemands) {
  EXPECT_EQ(format_utc(kMoment), "2026-11-23T14:12:17UTC");
  EXPECT_EQ(format_iso_micros(kMoment), "2026-11-23T14:12:17.501264Z");
  EXPECT_EQ(format_rfc3339_nanos(kMoment), "2026-11-23T14:12:17.501264123Z");
}

TEST(Time, ReadsOffsetsAndShortFractions) {
  EXPECT_EQ(parse_rfc3339("2026-11-23T14:12:17Z"), kMoment - 501264123ns);
  EXPECT_EQ(parse_rfc3339("2026-11-23T16:12:17.5+02:00"), kMoment - 1264123ns);
}

TEST(Time, RefusesWhatIsNotATime) {
  for (const char* bad :
       {"",
        "2026",
        "2026-13-01T00:00:00Z",
        "2026-02-30T00:00:00Z",
        "2026-11-23T14:12:17",
        "2026-11-23 14:12:17Z",
        "2026-11-23T14:12:17.Z",
        "2026-11-23T14:12:17Zx",
        "-026-11-23T14:12:17Z"}) {
    EXPECT_THROW(parse_rfc3339(bad), Error) << bad;
  }
}

// Docker's "never" is in the year 1.
TEST(Time, BeyondTheClockIsTheNearestOneItKnows) {
  const SystemTime never = parse_rfc3339("0001-01-01T00:00:00Z");
  EXPECT_EQ(format_rfc3339_nanos(never), "1677-09-22T00:00:00.000000000Z");
  EXPECT_EQ(parse_rfc3339(format_rfc3339_nanos(never)), never);
  const SystemTime last = parse_rfc3339("9999-12-31T23:59:60.5+00:00");
  EXPECT_EQ(format_rfc3339_nanos(last), "2262-04-11T23:47:15.000000000Z");
}

TEST(Time, ReadsWhatItWrites) {
  EXPECT_TRUE(rc::check("round trip", [] {
    const SystemTime t{nanoseconds(*rc::gen::inRange<std::int64_t>(0, 4'000'000'000'000'000'000))};
    RC_ASSERT(parse_rfc3339(format_rfc3339_nanos(t)) == t);
  }));
}

}  // namespace
}  // namespace deis
