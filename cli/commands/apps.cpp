#include "cli/commands/shared.h"
#include "cli/output.h"
#include "cli/terminal.h"
#include "core/base/error.h"
#include "core/base/text.h"
#include "core/json/json.h"
#include "core/process/process.h"

#include <fmt/format.h>

#include <chrono>
#include <iostream>

namespace deis::cli {
namespace {

void add_remote(Session& session, const std::string& app, const std::string& url) {
  const std::string remote = session.find("remote").value_or("deis");
  try {
    session.git().add_remote(remote, url);
  } catch (const Error& error) {
    if (error.code() == ErrorCode::conflict) {
      session.say() << fmt::format(
          "To replace the existing git remote entry, run:\n  git remote rename {0} {0}.old && deis "
          "git:remote "
          "-a {1}{2}\n",
          remote,
          app,
          remote == "deis" ? "" : " -r " + remote);
    } else {
      std::cerr << "The app was created. In a git repository run: deis git:remote -a " << app << "\n";
    }
    throw;
  }
  session.say() << "Git remote " << remote << " added\n";
}

int create(Session& session) {
  json::object body;
  if (!session.words().empty()) body["id"] = session.words()[0];
  json::value app;
  session.progress("Creating Application... ", [&] {
    app = body.empty() ? session.api().post("/v1/apps/") : session.api().post("/v1/apps/", body);
  });
  const std::string id = text_of(app, "id");
  session.say() << "done, created " << id << "\n";
  if (session.json()) session.print_json(app);
  if (const auto buildpack = session.find("buildpack")) {
    const json::object values{{"BUILDPACK_URL", *buildpack}};
    session.api().post("/v1/apps/" + url_encode(id) + "/config/", under("values", values));
  }
  const std::string url = remote_url(session.profile().controller, id);
  if (!session.has("no-remote")) add_remote(session, id, url);
  session.say() << "remote available at " << url << "\n";
  return 0;
}

int list(Session& session) {
  const json::value page = session.page("/v1/apps/");
  if (session.json()) return session.print_results(page);
  const auto ids = column(page, "id");
  std::cout << header("Apps", ids.size(), count_of(page)) << listed(ids);
  return 0;
}

int info(Session& session) {
  json::value app = session.api().get(session.app_path(""));
  const json::value processes = session.page(session.app_path("containers/"));
  const json::value domains = session.page(session.app_path("domains/"));
  if (session.json()) {
    app.as_object()["processes"] = results_of(processes);
    app.as_object()["domains"] = results_of(domains);
    return session.print_json(app);
  }
  std::cout << header(session.app() + " Application");
  for (const char* key : {"updated", "uuid", "created", "url", "owner", "id"})
    std::cout << labelled(key, text_of(app, key));
  std::cout << "\n" << processes_text(session, processes) << "\n" << domains_text(session, domains) << "\n";
  return 0;
}

int open(Session& session) {
  const std::string url = "http://" + text_of(session.api().get(session.app_path("")), "url");
  for (const char* opener : {"xdg-open", "open", "start"}) {
    process::Command command;
    command.argv = {opener, url};
    const auto limit = in(std::chrono::seconds(30));
    try {
      auto run = process::run(session.loop().executor(), std::move(command), "", limit);
      if (session.loop().run(std::move(run)).exit.ok()) return 0;
    } catch (const Error&) {
      // Not on this machine: the next one.
    }
  }
  throw Error(ErrorCode::unavailable, "no browser could be started here; open " + url + " yourself");
}

int destroy(Session& session) {
  confirm_app(session, "This command will destroy the application");
  const std::string app = session.app();
  const auto began = std::chrono::steady_clock::now();
  session.roll_out(
      "Destroying " + app + "...\n", [&] { session.api().erase("/v1/apps/" + url_encode(app) + "/"); });
  const auto took =
      std::chrono::duration_cast<std::chrono::seconds>(std::chrono::steady_clock::now() - began);
  std::cout << "done in " << took.count() << "s\n";
  if (session.has("app")) return 0;
  if (const auto remote = session.git().remove_remote_of(app, host_of(session.profile().controller)))
    std::cout << "Git remote " << *remote << " removed\n";
  return 0;
}

int transfer(Session& session) {
  const std::string& username = session.words()[0];
  const json::object body{{"owner", username}};
  session.progress("Transferring " + session.app() + " to " + username + "... ", [&] {
    session.api().post(session.app_path(""), body);
  });
  std::cout << "done\n";
  return 0;
}

}  // namespace

std::vector<Command> apps_commands() {
  const Option confirm{
      "confirm", 0, "<app>", "the name of the application, instead of being asked for it", Completes::app};
  return {
      {.name = "apps:create",
       .arguments = "[<id>]",
       .summary = "create an application",
       .details =
           "Without a name it gets one. In a git checkout the remote is added that `git push` deploys to.",
       .options =
           {{"no-remote", 0, "", "do not add a git remote"},
            {"buildpack", 'b', "<url>", "set BUILDPACK_URL, in a second release"},
            {"remote", 'r', "<name>", "name of the git remote (deis)"}},
       .examples =
           {{"deis create shop", ""},
            {"deis apps:create shop --remote=staging", "its git remote is called staging"}},
       .json = "the app: `created id owner updated url uuid`",
       .run = create},
      {.name = "apps:list",
       .summary = "list the applications you may use",
       .options = {kLimitOption},
       .examples = {{"deis apps", ""}, {"deis apps --json", "all of them, for programs"}},
       .json = "array of apps: `created id owner updated url uuid structure`",
       .run = list},
      {.name = "apps:info",
       .summary = "show an application with its processes and domains",
       .options = {kAppOption},
       .examples = {{"deis info -a shop", ""}},
       .json = "the app, with the arrays `processes` and `domains`",
       .run = info},
      {.name = "apps:open",
       .summary = "open an application in the browser",
       .options = {kAppOption},
       .examples = {{"deis open -a shop", ""}},
       .run = open},
      {.name = "apps:destroy",
       .summary = "destroy an application with its releases, images and repository",
       .details = "Without --app the git remote of the application is removed, too.",
       .options = {kAppOption, confirm, kVerboseOption},
       .examples =
           {{"deis destroy -a shop", "asks"}, {"deis destroy -a shop --confirm=shop", "does not ask"}},
       .run = destroy},
      {.name = "apps:transfer",
       .arguments = "<username>",
       .summary = "give an application to another user",
       .options = {kAppOption},
       .examples = {{"deis apps:transfer bob -a shop", ""}},
       .run = transfer,
       .completes = Completes::user}};
}

}  // namespace deis::cli
