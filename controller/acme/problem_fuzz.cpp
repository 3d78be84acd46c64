// What an authority may send when it refuses: whatever it is, users get one line of text and nobody waits for
// more than a week.
#include "controller/acme/problem.h"
#include "core/base/fuzz.h"
#include "core/base/text.h"

#include <algorithm>

namespace deis::controller::acme {
namespace {

constexpr SystemTime kNow{std::chrono::seconds(1'790'000'000)};
constexpr auto kFurthest = std::chrono::hours(7 * 24);
constexpr std::size_t kMaximumText = 1200;  // 400 bytes, each of them replaced by three

void check_text(const std::string& text) {
  FUZZ_REQUIRE(text.size() <= kMaximumText && is_valid_utf8(text));
  FUZZ_REQUIRE(std::ranges::none_of(text, [](unsigned char c) { return c < ' ' || c == 0x7f; }));
}

DEIS_FUZZ(acme_problem) {
  for (const Problem& problem : {read_problem(input), read_challenge(input)}) {
    check_text(problem.type);
    check_text(problem.detail);
  }
  const auto retry = read_retry_after(input, kNow);
  FUZZ_REQUIRE(!retry || (*retry >= kNow && *retry <= kNow + kFurthest));
}

}  // namespace
}  // namespace deis::controller::acme
