#include "cli/command.h"
#include "cli/commands/shared.h"
#include "cli/output.h"
#include "core/base/error.h"
#include "core/base/text.h"
#include "core/json/json.h"
#include "core/process/process.h"

#include <algorithm>
#include <chrono>
#include <iostream>
#include <unistd.h>

namespace deis::cli {
namespace {

int create(Session& session) {
  json::object body;
  if (!session.arguments().positional().empty()) body["id"] = session.arguments().positional()[0];
  json::value app;
  with_progress("Creating Application... ", [&] { app = session.api().post("/v1/apps/", body); });
  const std::string id = text_of(app, "id");
  std::cout << "done, created " << id << "\n";
  if (const auto buildpack = session.arguments().find("buildpack")) {
    session.api().post(
        "/v1/apps/" + id + "/config/", json::object{{"values", json::object{{"BUILDPACK_URL", *buildpack}}}});
  }
  const std::string url = remote_url(session.profile().controller, id);
  if (!session.arguments().has("no-remote")) {
    const std::string remote = session.arguments().find("remote").value_or("deis");
    try {
      session.git().add_remote(remote, url);
      std::cout << "Git remote " << remote << " added\n";
    } catch (const Error& error) {
      if (error.code() != ErrorCode::conflict) throw;
      std::cout << "To replace the existing git remote entry, run:\n  git remote rename " << remote << " "
                << remote << ".old && deis git:remote -a " << id << "\n";
      throw;
    }
  }
  std::cout << "remote available at " << url << "\n";
  return 0;
}

int list(Session& session) {
  const json::value page = session.api().get("/v1/apps/" + session.limit_query());
  std::vector<std::string> ids;
  for (const json::value& app : results_of(page)) ids.push_back(text_of(app, "id"));
  std::sort(ids.begin(), ids.end());
  print_header("Apps", ids.size(), count_of(page));
  for (const std::string& id : ids) std::cout << id << "\n";
  return 0;
}

int info(Session& session) {
  const json::value app = session.api().get(session.app_path(""));
  std::cout << "=== " << session.app() << " Application\n";
  for (const char* key : {"updated", "uuid", "created", "url", "owner", "id"}) {
    const std::string label = std::string(key) + ":";
    std::cout << label << std::string(10 - label.size(), ' ') << text_of(app, key) << "\n";
  }
  std::cout << "\n";
  print_processes(session);
  std::cout << "\n";
  print_domains(session);
  std::cout << "\n";
  return 0;
}

int open(Session& session) {
  const std::string url = "http://" + text_of(session.api().get(session.app_path("")), "url");
  process::Command opener;
  opener.argv = {"xdg-open", url};
  const auto limit = in(std::chrono::seconds(30));
  const process::Output output =
      session.loop().run(process::run(session.loop().executor(), std::move(opener), "", limit));
  if (!output.exit.ok())
    throw Error(ErrorCode::unavailable, "no browser could be started here; open " + url + " yourself");
  return 0;
}

// Each process has its colour: the second word up to ": " decides.
void print_log_line(std::string_view line, bool colours) {
  if (!colours) {
    std::cout << line << "\n";
    return;
  }
  const auto blank = line.find(' ');
  const auto end = line.find(": ", blank == std::string_view::npos ? 0 : blank);
  const std::string_view word = blank == std::string_view::npos || end == std::string_view::npos
                                    ? "unknown"
                                    : line.substr(blank + 1, end - blank - 1);
  unsigned sum = 0;
  for (const char c : word) sum += static_cast<unsigned char>(c);
  const unsigned colour = sum % 256 % 7 + 1;
  std::cout << "\033[3" << (colour == 7 ? 9 : colour) << "m" << line << "\033[0m\n";
}

int logs(Session& session) {
  std::string query;
  if (const auto lines = session.arguments().find("lines")) {
    const auto number = parse_int(*lines);
    if (!number || *number < 1) throw Error(ErrorCode::invalid, "--lines must be a number from 1");
    query = "?log_lines=" + std::to_string(*number);
  }
  const std::string text = session.api().get_text(session.app_path("logs") + query);
  const char* no_color = ::getenv("NO_COLOR");
  const bool colours = ::isatty(STDOUT_FILENO) && !(no_color && *no_color);
  std::string_view rest = trim(text);
  if (rest.empty()) return 0;
  for (const std::string_view line : split(rest, '\n')) print_log_line(line, colours);
  return 0;
}

int run(Session& session) {
  const std::string command = join(session.arguments().positional(), " ");
  std::cout << "Running '" << command << "'...\n" << std::flush;
  const json::value answer = session.api().post(session.app_path("run"), json::object{{"command", command}});
  const auto* result = answer.if_array();
  if (!result || result->size() != 2 || !(*result)[0].is_int64() || !(*result)[1].is_string()) {
    throw Error(ErrorCode::internal, "the controller's answer is not [exit code, output]");
  }
  std::cout << std::string((*result)[1].get_string()) << std::flush;
  return static_cast<int>((*result)[0].get_int64());
}

int destroy(Session& session) {
  const std::string app = session.app();
  std::string confirm = session.arguments().find("confirm").value_or("");
  if (!session.arguments().has("confirm")) {
    std::cout
        << " !    WARNING: Potentially Destructive Action\n !    This command will destroy the application: "
        << app << "\n !    To proceed, type \"" << app << "\" or re-run this command with --confirm=" << app
        << "\n\n";
    confirm = prompt("> ");
  }
  if (confirm != app)
    throw Error(ErrorCode::invalid, "App " + app + " does not match confirm " + confirm + ", aborting.");
  const auto began = std::chrono::steady_clock::now();
  std::cout << "Destroying " << app << "...\n" << std::flush;
  session.api().erase("/v1/apps/" + url_encode(app) + "/");
  const auto took =
      std::chrono::duration_cast<std::chrono::seconds>(std::chrono::steady_clock::now() - began);
  std::cout << "done in " << took.count() << "s\n";
  if (!session.arguments().has("app")) {
    if (const auto remote = session.git().remove_remote_of(app))
      std::cout << "Git remote " << *remote << " removed\n";
  }
  return 0;
}

int transfer(Session& session) {
  const std::string& username = session.arguments().positional()[0];
  std::cout << "Transferring " << session.app() << " to " << username << "... " << std::flush;
  session.api().post(session.app_path(""), json::object{{"owner", username}});
  std::cout << "done\n";
  return 0;
}

}  // namespace

std::vector<Command> apps_commands() {
  return {
      {"apps:create",
       "deis apps:create [<id>] [--no-remote] [-b --buildpack=<url>] [-r --remote=<name>]",
       "create an application\n\n  deis create shop",
       {{"no-remote", 0, false}, {"buildpack", 'b', true}, {"remote", 'r', true}},
       0,
       1,
       create},
      {"apps:list",
       "deis apps:list [-l --limit=<num>]",
       "list the applications you may use",
       {kLimitOption},
       0,
       0,
       list},
      {"apps:info", "deis apps:info [-a --app=<app>]", "show an application", {kAppOption}, 0, 0, info},
      {"apps:open",
       "deis apps:open [-a --app=<app>]",
       "open an application in the browser",
       {kAppOption},
       0,
       0,
       open},
      {"apps:logs",
       "deis apps:logs [-a --app=<app>] [-n --lines=<num>]",
       "show an application's log",
       {kAppOption, {"lines", 'n', true}},
       0,
       0,
       logs},
      {"apps:run",
       "deis apps:run [-a --app=<app>] [--] <command>...",
       "run a command in a new container of the application; its exit code is ours\n\n  deis run -- env",
       {kAppOption},
       1,
       10000,
       run,
       true},
      {"apps:destroy",
       "deis apps:destroy [-a --app=<app>] [--confirm=<app>]",
       "destroy an application",
       {kAppOption, {"confirm", 0, true}},
       0,
       0,
       destroy},
      {"apps:transfer",
       "deis apps:transfer <username> [-a --app=<app>]",
       "give an application to another user",
       {kAppOption},
       1,
       1,
       transfer}};
}

}  // namespace deis::cli
