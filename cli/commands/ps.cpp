#include "cli/command.h"
#include "cli/commands/shared.h"
#include "cli/output.h"
#include "core/base/text.h"
#include "core/json/json.h"

#include <algorithm>
#include <cstdlib>
#include <iostream>

namespace deis::cli {

std::optional<std::pair<std::string, std::string>> split_pair(const std::string& text) {
  const auto equals = text.find('=');
  if (equals == std::string::npos || equals == 0) return std::nullopt;
  return std::pair(text.substr(0, equals), text.substr(equals + 1));
}

void print_processes(Session& session) {
  const json::value page = session.api().get(session.app_path("containers/") + session.limit_query());
  std::map<std::string, std::map<std::int64_t, std::string>> types;
  for (const json::value& c : results_of(page)) {
    const std::string type = text_of(c, "type"), num = text_of(c, "num");
    types[type][parse_int(num).value_or(0)] =
        type + "." + num + " " + text_of(c, "state") + " (" + text_of(c, "release") + ")";
  }
  print_header(session.app() + " Processes", results_of(page).size(), count_of(page));
  for (const auto& [type, lines] : types) {
    std::cout << "--- " << type << ":\n";
    for (const auto& [num, line] : lines) std::cout << line << "\n";
  }
}

namespace {

std::string drink() {
  const char* drink = std::getenv("DEIS_DRINK_OF_CHOICE");
  return drink && *drink ? drink : "coffee";
}

void timed(const std::string& what, const std::function<void()>& work) {
  const auto began = std::chrono::steady_clock::now();
  with_progress(what + " processes... but first, " + drink() + "!\n", work);
  const auto took =
      std::chrono::duration_cast<std::chrono::seconds>(std::chrono::steady_clock::now() - began);
  std::cout << "done in " << took.count() << "s\n";
}

int list(Session& session) {
  print_processes(session);
  return 0;
}

int scale(Session& session) {
  json::object targets;
  for (const std::string& word : session.arguments().positional()) {
    const auto pair = split_pair(word);
    const auto count = pair ? parse_int(pair->second) : std::nullopt;
    if (!count || *count < 0) {
      std::cout << "'" << word << "' does not match the pattern 'type=num', ex: web=2\n";
      continue;
    }
    targets[pair->first] = *count;
  }
  timed("Scaling", [&] { session.api().post(session.app_path("scale/"), targets); });
  print_processes(session);
  return 0;
}

int restart(Session& session) {
  std::string path = "containers/";
  if (!session.arguments().positional().empty()) {
    const std::string& target = session.arguments().positional()[0];
    const auto dot = target.rfind('.');
    path += url_encode(target.substr(0, dot)) + "/";
    if (dot != std::string::npos) path += url_encode(target.substr(dot + 1)) + "/";
  }
  timed("Restarting", [&] { session.api().post(session.app_path(path + "restart/")); });
  print_processes(session);
  return 0;
}

}  // namespace

std::vector<Command> ps_commands() {
  return {
      {"ps:list",
       "deis ps:list [-a --app=<app>] [-l --limit=<num>]",
       "list an application's processes",
       {kAppOption, kLimitOption},
       0,
       0,
       list},
      {"ps:scale",
       "deis ps:scale <type>=<num>... [-a --app=<app>]",
       "scale processes by type\n\n  deis scale web=3 worker=1",
       {kAppOption},
       1,
       100,
       scale},
      {"ps:restart",
       "deis ps:restart [<type>[.<num>]] [-a --app=<app>]",
       "restart processes\n\n  deis ps:restart web.1",
       {kAppOption},
       0,
       1,
       restart}};
}

}  // namespace deis::cli
