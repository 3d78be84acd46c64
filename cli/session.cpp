#include "cli/command.h"
#include "core/base/error.h"
#include "core/base/text.h"

#include <algorithm>
#include <filesystem>

namespace deis::cli {

const Profile& Session::profile() {
  if (!profile_) profile_ = load_profile();
  return *profile_;
}

Api& Session::api() {
  if (!api_) api_ = std::make_unique<Api>(loop_, profile().controller, profile().token);
  return *api_;
}

std::string Session::app() {
  if (const auto given = arguments_.find("app")) return *given;
  if (const auto remote = git_.app_of_remote(host_of(profile().controller))) return *remote;
  return to_lower(std::filesystem::current_path().filename().string());
}

std::string Session::app_path(const std::string& rest) {
  return "/v1/apps/" + url_encode(app()) + "/" + rest;
}

std::string Session::limit_query() {
  const auto given = arguments_.find("limit");
  if (!given) return "?page_size=" + std::to_string(profile().response_limit);
  const auto number = parse_int(*given);
  if (!number || *number < 1) throw Error(ErrorCode::invalid, "--limit must be a number from 1");
  return "?page_size=" + std::to_string(*number);
}

std::vector<Command> all_commands() {
  std::vector<Command> all;
  for (const auto& group :
       {auth_commands(),
        apps_commands(),
        ps_commands(),
        config_commands(),
        domains_commands(),
        builds_commands(),
        releases_commands(),
        keys_commands(),
        perms_commands(),
        git_commands(),
        users_commands()}) {
    all.insert(all.end(), group.begin(), group.end());
  }
  return all;
}

}  // namespace deis::cli
