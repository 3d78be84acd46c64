// Groups with a command or two: builds, domains, git, users, perms.

#include "cli/command.h"
#include "cli/commands/shared.h"
#include "cli/output.h"
#include "core/base/error.h"
#include "core/base/text.h"
#include "core/json/json.h"

#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <fstream>
#include <iostream>
#include <sstream>

namespace deis::cli {

namespace {

void print_sorted(const std::string& title, std::vector<std::string> names, std::int64_t total) {
  std::sort(names.begin(), names.end());
  print_header(title, names.size(), total);
  for (const std::string& name : names) std::cout << name << "\n";
}

std::vector<std::string> column(const json::value& page, const char* key) {
  std::vector<std::string> values;
  for (const json::value& item : results_of(page)) values.push_back(text_of(item, key));
  return values;
}

json::object parse_procfile(const std::string& text) {
  json::object procfile;
  try {
    const YAML::Node root = YAML::Load(text);
    if (!root.IsMap())
      throw YAML::Exception(YAML::Mark::null_mark(), "not a map of process types to commands");
    for (const auto& entry : root) procfile[entry.first.as<std::string>()] = entry.second.as<std::string>();
  } catch (const YAML::Exception& error) {
    throw Error(ErrorCode::invalid, std::string("the Procfile is not valid YAML: ") + error.what());
  }
  return procfile;
}

int builds_list(Session& session) {
  const json::value page = session.api().get(session.app_path("builds/") + session.limit_query());
  print_header(session.app() + " Builds", results_of(page).size(), count_of(page));
  for (const json::value& build : results_of(page))
    std::cout << text_of(build, "uuid") << " " << text_of(build, "created") << "\n";
  return 0;
}

int builds_create(Session& session) {
  json::object body{{"image", session.arguments().positional()[0]}};
  if (const auto given = session.arguments().find("procfile")) {
    body["procfile"] = parse_procfile(*given);
  } else if (std::ifstream file("Procfile"); file) {
    std::ostringstream text;
    text << file.rdbuf();
    body["procfile"] = parse_procfile(text.str());
  }
  with_progress("Creating build... ", [&] { session.api().post(session.app_path("builds/"), body); });
  std::cout << "done\n";
  return 0;
}

int domains_list(Session& session) {
  print_domains(session);
  return 0;
}

int domains_add(Session& session) {
  const std::string& domain = session.arguments().positional()[0];
  with_progress("Adding " + domain + " to " + session.app() + "... ", [&] {
    session.api().post(session.app_path("domains/"), json::object{{"domain", domain}});
  });
  std::cout << "done\n";
  return 0;
}

int domains_remove(Session& session) {
  const std::string& domain = session.arguments().positional()[0];
  with_progress("Removing " + domain + " from " + session.app() + "... ", [&] {
    session.api().erase(session.app_path("domains/" + url_encode(domain)));
  });
  std::cout << "done\n";
  return 0;
}

int git_remote(Session& session) {
  const std::string remote = session.arguments().find("remote").value_or("deis");
  session.git().add_remote(remote, remote_url(session.profile().controller, session.app()));
  std::cout << "Git remote " << remote << " added\n";
  return 0;
}

int users_list(Session& session) {
  const json::value page = session.api().get("/v1/users/" + session.limit_query());
  print_sorted("Users", column(page, "username"), count_of(page));
  return 0;
}

int perms_list(Session& session) {
  if (session.arguments().has("admin")) {
    const json::value page = session.api().get("/v1/admin/perms/" + session.limit_query());
    print_sorted("Administrators", column(page, "username"), count_of(page));
    return 0;
  }
  const json::value answer = session.api().get(session.app_path("perms/"));
  const auto users = json::from<std::vector<std::string>>(answer.as_object().at("users"));
  print_sorted(session.app() + "'s Users", users, static_cast<std::int64_t>(users.size()));
  return 0;
}

int perms_change(Session& session, bool add) {
  const std::string& username = session.arguments().positional()[0];
  const bool admin = session.arguments().has("admin");
  const std::string whom = admin ? "system administrators" : session.app() + " collaborators";
  const std::string path = admin ? "/v1/admin/perms/" : session.app_path("perms/");
  with_progress((add ? "Adding " : "Removing ") + username + (add ? " to " : " from ") + whom + "... ", [&] {
    if (add) {
      session.api().post(path, json::object{{"username", username}});
    } else {
      session.api().erase(path + url_encode(username));
    }
  });
  std::cout << "done\n";
  return 0;
}

}  // namespace

void print_domains(Session& session) {
  const json::value page = session.api().get(session.app_path("domains/") + session.limit_query());
  print_sorted(session.app() + " Domains", column(page, "domain"), count_of(page));
}

std::vector<Command> builds_commands() {
  return {
      {"builds:list",
       "deis builds:list [-a --app=<app>] [-l --limit=<num>]",
       "list an application's builds",
       {kAppOption, kLimitOption},
       0,
       0,
       builds_list},
      {"builds:create",
       "deis builds:create <image> [-p --procfile=<yaml>] [-a --app=<app>]",
       "deploy an existing image",
       {kAppOption, {"procfile", 'p', true}},
       1,
       1,
       builds_create}};
}

std::vector<Command> domains_commands() {
  return {
      {"domains:list",
       "deis domains:list [-a --app=<app>] [-l --limit=<num>]",
       "list an application's domains",
       {kAppOption, kLimitOption},
       0,
       0,
       domains_list},
      {"domains:add",
       "deis domains:add <domain> [-a --app=<app>]",
       "serve an application under a domain",
       {kAppOption},
       1,
       1,
       domains_add},
      {"domains:remove",
       "deis domains:remove <domain> [-a --app=<app>]",
       "take a domain away",
       {kAppOption},
       1,
       1,
       domains_remove}};
}

std::vector<Command> git_commands() {
  return {
      {"git:remote",
       "deis git:remote [-a --app=<app>] [-r --remote=<name>]",
       "add a git remote for an application",
       {kAppOption, {"remote", 'r', true}},
       0,
       0,
       git_remote}};
}

std::vector<Command> users_commands() {
  return {
      {"users:list",
       "deis users:list [-l --limit=<num>]",
       "list all users (administrators only)",
       {kLimitOption},
       0,
       0,
       users_list}};
}

std::vector<Command> perms_commands() {
  const Option admin{"admin", 0, false};
  const auto create = [](Session& session) { return perms_change(session, true); };
  const auto erase = [](Session& session) { return perms_change(session, false); };
  return {
      {"perms:list",
       "deis perms:list [-a --app=<app> | --admin [-l --limit=<num>]]",
       "list who may use an application",
       {kAppOption, admin, kLimitOption},
       0,
       0,
       perms_list},
      {"perms:create",
       "deis perms:create <user> [-a --app=<app> | --admin]",
       "let another user work on an application",
       {kAppOption, admin},
       1,
       1,
       create},
      {"perms:delete",
       "deis perms:delete <user> [-a --app=<app> | --admin]",
       "take that away",
       {kAppOption, admin},
       1,
       1,
       erase}};
}

}  // namespace deis::cli
