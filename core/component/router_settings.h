#pragma once
// The settings of the router (contract components.md §3.2), one row each: the router reads them by this
// table and puts a value into nginx's configuration where its template names the row's key, deisctl refuses
// what breaks a row's rule, and docs/router-settings.md is printed from it.

#include "core/component/setting_rule.h"

namespace deis::component {

// Rows in the order in which people look for them.
SettingTable router_settings();

// Settings that are judged together, beside each row's own rule: keys -> what is wrong with them. `texts`:
// values as written, by key; absent keys are not set.
std::vector<SettingProblem> joint_problems(const SettingValues& texts);

// Keys that only make sense together and therefore change together; for all others their own key.
std::vector<std::string> unit_of(std::string_view key);

// The page for people, in Markdown.
std::string router_settings_page();

}  // namespace deis::component
