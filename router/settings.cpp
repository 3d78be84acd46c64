#include "router/settings.h"

#include "core/component/router_settings.h"
#include "core/json/json.h"

#include <algorithm>

namespace deis::router {
namespace {

using component::SettingRule;

// The text of `key` in `from`, put into `into`; removed there when it is absent.
void take(SettingValues& into, const SettingValues& from, const std::string& key) {
  const auto found = from.find(key);
  if (found == from.end()) {
    into.erase(key);
  } else {
    into[key] = found->second;
  }
}

// Every setting of the table once, those of a unit together.
std::vector<std::vector<std::string>> units() {
  std::vector<std::vector<std::string>> all;
  for (const auto& rule : component::router_settings()) {
    auto unit = component::unit_of(rule.key);
    if (unit.front() == rule.key) all.push_back(std::move(unit));
  }
  return all;
}

SettingChange change_of(
    const std::vector<std::string>& unit, const SettingValues& before, const SettingValues& after) {
  SettingChange change;
  for (const auto& key : unit) {
    const auto old = before.find(key);
    const auto now = after.find(key);
    if (now == after.end()) {
      if (old != before.end()) change.removed.push_back(key);
    } else if (old == before.end() || old->second != now->second) {
      change.texts.insert(*now);
    }
  }
  return change;
}

}  // namespace

SettingPlan plan_settings(const SettingValues& accepted, const SettingValues& written) {
  SettingPlan plan;
  SettingValues wanted;
  for (const auto& rule : component::router_settings()) {
    const auto text = written.find(rule.key);
    if (text == written.end()) continue;
    if (rule.read(text->second)) {
      wanted.insert(*text);
    } else {
      plan.problems.push_back(component::broken_rule(rule, text->second));
      take(wanted, accepted, text->first);
    }
  }
  for (auto& problem : component::joint_problems(wanted)) {
    for (const auto& key : component::unit_of(problem.key)) take(wanted, accepted, key);
    const auto same = [&](const SettingProblem& other) {
      return std::ranges::count(component::unit_of(problem.key), other.key) > 0;
    };
    if (std::ranges::none_of(plan.problems, same)) plan.problems.push_back(std::move(problem));
  }
  for (const auto& unit : units()) {
    auto change = change_of(unit, accepted, wanted);
    if (change != SettingChange()) plan.changes.push_back(std::move(change));
  }
  return plan;
}

SettingValues with_change(SettingValues texts, const SettingChange& change) {
  for (const auto& [key, text] : change.texts) texts[key] = text;
  for (const auto& key : change.removed) texts.erase(key);
  return texts;
}

SettingProblem refused_change(const SettingChange& change, const std::string& reason) {
  SettingProblem problem;
  if (change.texts.empty()) {
    problem.key = change.removed.front();
    problem.value = "(default)";
  } else {
    const auto& [key, text] = *change.texts.begin();
    const auto* rule = component::find_rule(component::router_settings(), key);
    problem.key = key;
    problem.value = component::shown_value(*rule, text);
  }
  problem.reason = "refused by nginx: " + reason;
  return problem;
}

SettingValues only_good(const SettingValues& texts) {
  SettingValues good;
  for (const auto& change : plan_settings({}, texts).changes) good = with_change(std::move(good), change);
  return good;
}

json::array to_json(const std::vector<SettingProblem>& problems) {
  json::array list;
  for (const auto& problem : problems) {
    json::object entry;
    entry["key"] = json::to_value(problem.key);
    entry["value"] = json::to_value(problem.value);
    entry["reason"] = json::to_value(problem.reason);
    list.emplace_back(std::move(entry));
  }
  return list;
}

}  // namespace deis::router
