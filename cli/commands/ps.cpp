#include "cli/commands/shared.h"
#include "cli/output.h"
#include "cli/terminal.h"
#include "core/base/text.h"
#include "core/json/json.h"

#include <algorithm>
#include <cstdlib>
#include <iostream>
#include <unistd.h>

namespace deis::cli {
namespace {

std::string drink() {
  const char* drink = std::getenv("DEIS_DRINK_OF_CHOICE");
  return drink && *drink ? drink : "coffee";
}

// "3" and "12" by number, whatever the order of the answer.
std::vector<json::value> by_type_and_number(const json::value& page) {
  const auto& results = results_of(page);
  std::vector<json::value> sorted(results.begin(), results.end());
  const auto number = [](const json::value& c) { return parse_int(text_of(c, "num")).value_or(0); };
  std::sort(sorted.begin(), sorted.end(), [&](const json::value& a, const json::value& b) {
    const std::string left = text_of(a, "type"), right = text_of(b, "type");
    return left != right ? left < right : number(a) < number(b);
  });
  return sorted;
}

std::string shown(const json::value& container, const char* key) {
  const std::string text = text_of(container, key);
  return text.empty() ? "-" : text;
}

std::string wide_text(Session& session, const json::value& page) {
  std::vector<std::vector<std::string>> rows{
      {"PROCESS", "STATE", "RELEASE", "AGE", "HOST", "RESTARTS", "DETAIL"}};
  for (const json::value& c : by_type_and_number(page)) {
    rows.push_back(
        {text_of(c, "type") + "." + text_of(c, "num"),
         text_of(c, "state"),
         text_of(c, "release"),
         age(text_of(c, "created")),
         shown(c, "host"),
         shown(c, "restarts"),
         text_of(c, "detail")});
  }
  return header(session.app() + " Processes", results_of(page).size(), count_of(page)) +
         (rows.size() > 1 ? columns(rows) : "");
}

// This platform tells host, restarts and detail too; another controller has the contract's containers.
json::value containers(Session& session, bool details) {
  if (details) {
    try {
      return session.page(session.app_path("processes/"));
    } catch (const ApiError& error) {
      if (error.status() != 404) throw;
    }
  }
  return session.page(session.app_path("containers/"));
}

// A release beside the live one has containers of its own.
std::string canary_text(Session& session) {
  const auto canary = session.api().find(session.app_path("canary/"));
  const std::string release = canary ? text_of(*canary, "release") : "";
  if (release.empty()) return "";
  std::string text = "--- canary v" + release + ", " + text_of(*canary, "weight") + "% of the requests:\n";
  for (const json::value& container : array_in(*canary, "containers")) {
    const std::string detail = text_of(container, "detail");
    text += text_of(container, "name") + " " + text_of(container, "state") + " (v" + release + ")" +
            (detail.empty() ? "" : " " + detail) + "\n";
  }
  return text;
}

int print_list(Session& session) {
  const bool wide = session.has("wide") || is_terminal(STDOUT_FILENO);
  const json::value page = containers(session, wide || session.json());
  if (session.json()) return session.print_results(page);
  std::cout << (wide ? wide_text(session, page) : processes_text(session, page)) << canary_text(session);
  return 0;
}

int scale(Session& session) {
  json::object targets;
  for (const std::string& word : session.words()) {
    const auto pair = split_pair(word);
    const auto count = pair ? parse_int(pair->second) : std::nullopt;
    if (!count || *count < 0) {
      say_skipped(session, word, "'type=num', ex: web=2");
    } else {
      targets[pair->first] = *count;
    }
  }
  session.timed_roll_out("Scaling processes... but first, " + drink() + "!\n", [&] {
    session.api().post(session.app_path("scale/"), targets);
  });
  return print_list(session);
}

int restart(Session& session) {
  std::string path = "containers/";
  if (!session.words().empty()) {
    const std::string& target = session.words()[0];
    const auto dot = target.rfind('.');
    path += url_encode(target.substr(0, dot)) + "/";
    if (dot != std::string::npos) path += url_encode(target.substr(dot + 1)) + "/";
  }
  session.timed_roll_out("Restarting processes... but first, " + drink() + "!\n", [&] {
    session.api().post(session.app_path(path + "restart/"));
  });
  return print_list(session);
}

}  // namespace

std::string processes_text(Session& session, const json::value& page) {
  std::string text = header(session.app() + " Processes", results_of(page).size(), count_of(page));
  std::string type;
  for (const json::value& c : by_type_and_number(page)) {
    if (text_of(c, "type") != type) {
      type = text_of(c, "type");
      text += "--- " + type + ":\n";
    }
    text += type + "." + text_of(c, "num") + " " + text_of(c, "state") + " (" + text_of(c, "release") + ")\n";
  }
  return text;
}

std::vector<Command> ps_commands() {
  const Option wide{
      .name = "wide", .help = "a table with age, host and restarts, on no terminal too", .extension = true};
  const std::string shape =
      "array of containers: `type num state release created updated app owner uuid`, and "
      "`host restarts detail` where the controller knows them";
  return {
      {.name = "ps:list",
       .summary = "list an application's processes",
       .details =
           "On a terminal it is a table with state, release, age, host, and how often a process ended "
           "by itself. A canary's processes come after them; `deis releases:canary --json` has them for "
           "programs.",
       .options = {kAppOption, kLimitOption, wide},
       .examples = {{"deis ps -a shop", ""}, {"deis ps -a shop --json", ""}},
       .json = shape,
       .run = print_list},
      {.name = "ps:scale",
       .arguments = "<type>=<num>...",
       .summary = "set how many processes of a type run",
       .details =
           "New processes must be healthy before old ones end. DEIS_DRINK_OF_CHOICE replaces the coffee.",
       .options = {kAppOption, kVerboseOption, wide},
       .examples = {{"deis scale web=3 worker=1", ""}, {"deis ps:scale web=0 -a shop", "stops them"}},
       .json = shape,
       .run = scale,
       .completes = Completes::type},
      {.name = "ps:restart",
       .arguments = "[<type>[.<num>]]",
       .summary = "restart all processes, those of a type, or one",
       .options = {kAppOption, kVerboseOption, wide},
       .examples = {{"deis ps:restart web", ""}, {"deis ps:restart web.1 -a shop", ""}},
       .json = shape,
       .run = restart,
       .completes = Completes::type}};
}

}  // namespace deis::cli
