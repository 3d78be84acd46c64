#include "core/component/settings.h"

#include "core/base/error.h"
#include "core/base/text.h"

#include <algorithm>

namespace deis::component {

Settings::Settings(Executor executor, etcd::Client& etcd, std::string directory, Log log)
    : directory_(std::move(directory)), mirror_(etcd, directory_, log), log_(log), event_(executor) {}

Task<> Settings::wait_synced() {
  while (!mirror_.synced()) co_await event_.wait(Deadline::max());
}

std::optional<std::string> Settings::find(const std::string& key) const {
  const auto found = mirror_.entries().find(directory_ + key);
  if (found == mirror_.entries().end()) return std::nullopt;
  return found->second.value;
}

std::string Settings::get(const std::string& key, const std::string& fallback) const {
  return find(key).value_or(fallback);
}

std::int64_t Settings::get_int(
    const std::string& key, std::int64_t fallback, std::int64_t low, std::int64_t high) const {
  const auto is_good = [&](const std::string& text) {
    const auto number = parse_int(text);
    return number && *number >= low && *number <= high;
  };
  const auto text =
      checked(key, is_good, "a number from " + std::to_string(low) + " to " + std::to_string(high));
  return text ? *parse_int(*text) : fallback;
}

bool Settings::get_bool(const std::string& key, bool fallback) const {
  const auto is_good = [](const std::string& text) {
    const auto word = to_lower(text);
    return word == "true" || word == "false" || word == "1" || word == "0";
  };
  const auto text = checked(key, is_good, "true or false");
  if (!text) return fallback;
  const auto word = to_lower(*text);
  return word == "true" || word == "1";
}

std::string Settings::get_word(
    const std::string& key, const std::string& fallback, const std::vector<std::string>& words) const {
  const auto is_good = [&](const std::string& text) { return std::ranges::find(words, text) != words.end(); };
  return checked(key, is_good, "one of " + join(words, ", ")).value_or(fallback);
}

std::string Settings::get_checked(
    const std::string& key,
    const std::string& fallback,
    const std::function<bool(const std::string&)>& is_good,
    const std::string& rule) const {
  return checked(key, is_good, rule).value_or(fallback);
}

std::optional<std::string> Settings::checked(
    const std::string& key,
    const std::function<bool(const std::string&)>& is_good,
    const std::string& rule) const {
  auto text = find(key);
  if (!text) {
    verdicts_.erase(key);
    return std::nullopt;
  }
  Verdict& verdict = verdicts_[key];
  if (is_good(*text)) {
    verdict.last_good = *text;
    verdict.reported.clear();
    return text;
  }
  if (verdict.reported != *text) {
    verdict.reported = *text;
    log_.error("a setting is ignored", {{"key", directory_ + key}, {"value", *text}, {"must_be", rule}});
  }
  if (verdict.last_good.empty()) return std::nullopt;
  return verdict.last_good;
}

Task<> Settings::changed_since(std::int64_t revision) {
  while (revision_ <= revision) co_await event_.wait(Deadline::max());
}

Task<> Settings::run() {
  const etcd::Mirror::OnUpdate take_over = [this](const etcd::MirrorUpdate& update) -> Task<> {
    if (!update.changes.empty()) ++revision_;
    event_.notify();
    co_return;
  };
  co_await mirror_.run(take_over);
}

}  // namespace deis::component
