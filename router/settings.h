#pragma once
// From what is written in etcd to what nginx shall run by: a value that breaks its rule is left out and the
// last good one stays. Pure; config_keeper.* carries the plan out.

#include "core/component/setting_rule.h"

#include <boost/json/fwd.hpp>

#include <string>
#include <vector>

namespace deis::router {

using component::SettingProblem;
using component::SettingValues;

// Settings that change together: their new texts; keys in `removed` go back to their defaults.
struct SettingChange {
  SettingValues texts;
  std::vector<std::string> removed;
  bool operator==(const SettingChange&) const = default;
};

struct SettingPlan {
  std::vector<SettingChange> changes;    // each may be refused without the others
  std::vector<SettingProblem> problems;  // values that break a rule
};

// `accepted`: texts nginx runs by; `written`: texts in etcd. Both by key of component::router_settings().
SettingPlan plan_settings(const SettingValues& accepted, const SettingValues& written);

SettingValues with_change(SettingValues texts, const SettingChange& change);

// What is wrong with a change that nginx refused, for its first key.
SettingProblem refused_change(const SettingChange& change, const std::string& reason);

// Only what follows the rules: what was accepted by another version may not.
SettingValues only_good(const SettingValues& texts);

// [{"key":"router/bodySize","value":"1x","reason":"must be ..."}]
boost::json::array to_json(const std::vector<SettingProblem>& problems);

}  // namespace deis::router
