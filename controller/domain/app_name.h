#pragma once
// Names of apps: the generated default "<adjective>-<noun>" (contract api.md §4.2), and names nobody may
// take. Pure but for the random generator.

#include "controller/domain/platform_settings.h"
#include "core/base/names.h"

#include <span>

namespace deis::controller {

AppId random_app_id();
bool is_reserved(const AppId& id, const PlatformSettings& settings);
// Throws Error{invalid, "id"} when the name is the platform's own.
void check_not_reserved(const AppId& id, const PlatformSettings& settings);

std::span<const std::string_view> app_name_adjectives();  // six letters each
std::span<const std::string_view> app_name_nouns();       // eight letters each

}  // namespace deis::controller
