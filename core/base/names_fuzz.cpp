// Names from outside, against their rules written down a second time.
#include "core/base/error.h"
#include "core/base/excerpt.h"
#include "core/base/fuzz.h"
#include "core/base/names.h"
#include "core/base/text.h"
#include "core/base/time.h"

namespace deis {
namespace {

const std::string kLower = "abcdefghijklmnopqrstuvwxyz", kDigits = "0123456789";
const std::string kLetters = kLower + "ABCDEFGHIJKLMNOPQRSTUVWXYZ";

bool only(std::string_view text, std::string_view allowed, std::size_t shortest, std::size_t longest) {
  return text.size() >= shortest && text.size() <= longest &&
         text.find_first_not_of(allowed) == std::string_view::npos;
}

template <typename Read>
bool accepted(Read read) {
  try {
    read();
    return true;
  } catch (const Error& error) {
    FUZZ_REQUIRE(error.code() == ErrorCode::invalid);
    FUZZ_REQUIRE(std::string_view(error.what()).size() < 300);
    FUZZ_REQUIRE(is_valid_utf8(error.what()));
    return false;
  }
}

template <typename Name>
bool is(std::string_view text) {
  return accepted([&] { FUZZ_REQUIRE(Name::parse(text).str() == text); });
}

void try_job(std::string_view text) {
  std::string written;
  if (!accepted([&] { written = JobName::parse(text).str(); })) return;
  FUZZ_REQUIRE(JobName::parse(written).str() == written);
}

void try_time(std::string_view text) {
  SystemTime time;
  if (!accepted([&] { time = parse_rfc3339(text); })) return;
  FUZZ_REQUIRE(parse_rfc3339(format_rfc3339_nanos(time)) == time);
}

DEIS_FUZZ(names) {
  FUZZ_REQUIRE(is<AppId>(input) == only(input, kLower + kDigits + "-", 1, 64));
  FUZZ_REQUIRE(
      is<UserName>(input) == (only(input, kLetters + kDigits + "_.@+-", 1, 30) && input != "AnonymousUser"));
  FUZZ_REQUIRE(is<ProcessType>(input) == only(input, kLetters + kDigits + "-_.", 1, 128));
  const bool good_start = !input.empty() && kDigits.find(input.front()) == std::string::npos;
  FUZZ_REQUIRE(is<ConfigKey>(input) == (good_start && only(input, kLetters + kDigits + "_", 1, 256)));
  FUZZ_REQUIRE(is<CommitSha>(input) == only(input, kDigits + "abcdef", 8, 40));
  try_job(input);
  try_time(input);
  const std::string quoted = excerpt(input, 40);
  FUZZ_REQUIRE(is_valid_utf8(quoted) && quoted.size() <= 43);
  FUZZ_REQUIRE(base64_decode(base64_encode(input)) == input);
  if (const auto bytes = base64_decode(input)) FUZZ_REQUIRE(base64_encode(*bytes) == input);
}

}  // namespace
}  // namespace deis
