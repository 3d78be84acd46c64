// Who may work on what: collaborators, administrators, users; and the git remote of a checkout.

#include "cli/commands/shared.h"
#include "cli/output.h"
#include "core/base/error.h"
#include "core/base/text.h"
#include "core/json/json.h"

#include <iostream>

namespace deis::cli {
namespace {

int list(Session& session) {
  if (session.has("admin")) {
    const json::value page = session.page("/v1/admin/perms/");
    if (session.json()) return session.print_results(page);
    const auto names = column(page, "username");
    std::cout << header("Administrators", names.size(), count_of(page)) << listed(names);
    return 0;
  }
  const json::value answer = session.api().get(session.app_path("perms/"));
  if (session.json()) return session.print_json(answer);
  std::vector<std::string> names;
  for (const json::value& name : array_in(answer, "users")) {
    if (name.is_string()) names.emplace_back(name.get_string());
  }
  std::cout << header(session.app() + "'s Users") << listed(names);
  return 0;
}

std::string whom(Session& session) {
  return session.has("admin") ? "system administrators" : session.app() + " collaborators";
}

std::string path_of(Session& session) {
  return session.has("admin") ? "/v1/admin/perms/" : session.app_path("perms/");
}

int create(Session& session) {
  const std::string& username = session.words()[0];
  const json::object body{{"username", username}};
  session.progress("Adding " + username + " to " + whom(session) + "... ", [&] {
    session.api().post(path_of(session), body);
  });
  std::cout << "done\n";
  return 0;
}

int remove(Session& session) {
  const std::string& username = session.words()[0];
  session.progress("Removing " + username + " from " + whom(session) + "... ", [&] {
    session.api().erase(path_of(session) + url_encode(username));
  });
  std::cout << "done\n";
  return 0;
}

int list_users(Session& session) {
  const json::value page = session.page("/v1/users/");
  if (session.json()) return session.print_results(page);
  const auto names = column(page, "username");
  std::cout << header("Users", names.size(), count_of(page)) << listed(names);
  return 0;
}

int add_remote(Session& session) {
  const std::string remote = session.find("remote").value_or("deis");
  session.git().add_remote(remote, remote_url(session.profile().controller, session.app()));
  std::cout << "Git remote " << remote << " added\n";
  return 0;
}

}  // namespace

std::vector<Command> perms_commands() {
  const Option admin{"admin", 0, "", "administrators of the platform instead of an application's users"};
  return {
      {.name = "perms:list",
       .summary = "list who may work on an application",
       .options = {kAppOption, admin, kLimitOption},
       .examples = {{"deis perms -a shop", ""}, {"deis perms --admin", ""}},
       .json = "`users`, an array of names; with --admin an array of objects with `username`",
       .run = list},
      {.name = "perms:create",
       .arguments = "<username>",
       .summary = "let another user work on an application",
       .options = {kAppOption, admin},
       .examples = {{"deis sharing:add bob -a shop", ""}, {"deis perms:create bob --admin", ""}},
       .run = create,
       .completes = Completes::user},
      {.name = "perms:delete",
       .arguments = "<username>",
       .summary = "no longer let a user work on an application",
       .options = {kAppOption, admin},
       .examples = {{"deis sharing:remove bob -a shop", ""}},
       .run = remove,
       .completes = Completes::user}};
}

std::vector<Command> users_commands() {
  return {
      {.name = "users:list",
       .summary = "list the users of the platform, as an administrator",
       .options = {kLimitOption},
       .examples = {{"deis users", ""}},
       .json = "array of users: `username email is_superuser last_login date_joined ...`",
       .run = list_users}};
}

std::vector<Command> git_commands() {
  return {
      {.name = "git:remote",
       .summary = "add the git remote of an application to this checkout",
       .options = {kAppOption, {"remote", 'r', "<name>", "name of the remote (deis)"}},
       .examples = {{"deis git:remote -a shop", ""}},
       .run = add_remote}};
}

}  // namespace deis::cli
