#include "router/elimination.h"

namespace deis::router {
namespace {

constexpr auto kUntried = "not tried, because too many other settings are wrong";

SettingValues with_all(SettingValues texts, std::span<const SettingChange> changes) {
  for (const auto& change : changes) texts = with_change(std::move(texts), change);
  return texts;
}

void refuse_all(Elimination& result, std::span<const SettingChange> changes, const std::string& reason) {
  for (const auto& change : changes) result.refused.push_back({change, reason});
}

// `result`, `changes` and `attempt` belong to eliminate(), which waits.
Task<> take_over(
    Elimination& result, std::span<const SettingChange> changes, const Attempt& attempt, int most) {
  if (changes.empty()) co_return;
  if (result.attempts >= most) {
    refuse_all(result, changes, kUntried);
    co_return;
  }
  ++result.attempts;
  SettingValues candidate = with_all(result.accepted, changes);
  const std::string reason = co_await attempt(candidate);
  if (reason.empty()) {
    result.accepted = std::move(candidate);
  } else if (changes.size() == 1) {
    refuse_all(result, changes, reason);
  } else {
    const auto half = changes.size() / 2;
    co_await take_over(result, changes.first(half), attempt, most);
    co_await take_over(result, changes.subspan(half), attempt, most);
  }
}

}  // namespace

Task<Elimination> eliminate(
    SettingValues base, std::vector<SettingChange> changes, Attempt attempt, int most) {
  Elimination result{.accepted = std::move(base)};
  const std::span<const SettingChange> all(changes);
  co_await take_over(result, all, attempt, most);
  co_return result;
}

}  // namespace deis::router
