#include "cli/commands/shared.h"
#include "cli/output.h"
#include "cli/release_diff.h"
#include "cli/terminal.h"
#include "core/base/error.h"
#include "core/base/text.h"
#include "core/json/json.h"

#include <iostream>

namespace deis::cli {
namespace {

std::int64_t version_of(const std::string& text) {
  const auto number =
      parse_int(text.starts_with('v') ? std::string_view(text).substr(1) : std::string_view(text));
  if (!number || *number < 0) throw Error(ErrorCode::invalid, "'" + text + "' is not a release like v3");
  return *number;
}

std::string v(std::int64_t version) {
  return "v" + std::to_string(version);
}

int list(Session& session) {
  const json::value page = session.page(session.app_path("releases/"));
  if (session.json()) return session.print_results(page);
  std::vector<std::vector<std::string>> rows;
  for (const json::value& release : results_of(page))
    rows.push_back(
        {"v" + text_of(release, "version"), text_of(release, "created"), text_of(release, "summary")});
  std::cout << header(session.app() + " Releases", rows.size(), count_of(page)) << tabbed(rows);
  return 0;
}

int info(Session& session) {
  const std::string version = v(version_of(session.words()[0]));
  const json::value release = session.api().get(session.app_path("releases/" + version + "/"));
  if (session.json()) return session.print_json(release);
  std::cout << header(session.app() + " Release " + version);
  for (const char* key : {"build", "config", "owner", "created", "summary", "updated", "uuid"}) {
    const std::string value = text_of(release, key);
    if (!value.empty() || std::string_view(key) != "build") std::cout << labelled(key, value);
  }
  return 0;
}

int rollback(Session& session) {
  json::object body;
  std::string what = "Rolling back one release... ";
  if (!session.words().empty()) {
    const auto version = version_of(session.words()[0]);
    body["version"] = version;
    what = "Rolling back to " + v(version) + "... ";
  }
  json::value answer;
  session.roll_out(what, [&] {
    const std::string path = session.app_path("releases/rollback/");
    answer = body.empty() ? session.api().post(path) : session.api().post(path, body);
  });
  session.say() << "done, v" << text_of(answer, "version") << "\n";
  return session.json() ? session.print_json(answer) : 0;
}

// --- canary -------------------------------------------------------------------------------------

int print_canary(Session& session, const json::value& canary) {
  if (session.json()) return session.print_json(canary);
  const std::string release = text_of(canary, "release"), weight = text_of(canary, "weight");
  std::cout << header(session.app() + " Canary");
  if (release.empty()) {
    std::cout << "None: every request goes to v" << text_of(canary, "live") << "\n";
    return 0;
  }
  const auto rest = 100 - parse_int(weight).value_or(0);
  std::cout << "v" << release << " gets " << weight << "% of the requests, v" << text_of(canary, "live")
            << " " << rest << "%\n"
            << "By " << text_of(canary, "owner") << " since " << text_of(canary, "created") << "\n";
  for (const json::value& container : array_in(canary, "containers")) {
    const std::string detail = text_of(container, "detail");
    std::cout << text_of(container, "name") << " " << text_of(container, "state")
              << (detail.empty() ? "" : " (" + detail + ")") << "\n";
  }
  return 0;
}

int canary(Session& session) {
  json::object body;
  std::string what = "Changing the canary... ";
  if (!session.words().empty()) {
    const auto version = version_of(session.words()[0]);
    body["release"] = version;
    what = "Sending requests to " + v(version) + "... ";
  }
  for (const char* option : {"weight", "count"}) {
    if (const auto given = session.find(option)) body[option] = option_number(option, *given);
  }
  const std::string path = session.app_path("canary/");
  if (body.empty()) return print_canary(session, session.api().get(path));
  json::value now;
  session.roll_out(what, [&] { now = session.api().post(path, body); });
  session.say() << "done\n";
  if (!session.json()) std::cout << "\n";
  return print_canary(session, now);
}

int promote(Session& session) {
  json::value answer;
  session.roll_out(
      "Promoting the canary... ", [&] { answer = session.api().post(session.app_path("canary/promote/")); });
  session.say() << "done, v" << text_of(answer, "version") << "\n";
  return session.json() ? session.print_json(answer) : 0;
}

int abort_canary(Session& session) {
  session.roll_out("Aborting the canary... ", [&] { session.api().erase(session.app_path("canary/")); });
  session.say() << "done\n";
  return 0;
}

ReleaseState state_of(Session& session, std::int64_t version) {
  ReleaseState state{.version = v(version)};
  const std::string path = session.app_path("releases/" + state.version + "/");
  const json::value release = session.api().get(path);
  const auto config = session.api().find(path + "config/");
  if (!config)
    throw Error(ErrorCode::unavailable, "this controller does not tell the config of earlier releases");
  state.config = *config;
  if (const std::string build = text_of(release, "build"); !build.empty())
    state.build = session.api().get(session.app_path("builds/" + url_encode(build) + "/"));
  return state;
}

// The newest release's number.
std::int64_t newest(Session& session) {
  const json::value page = session.api().get(session.app_path("releases/") + "?page_size=1");
  if (results_of(page).empty()) throw Error(ErrorCode::not_found, "there is no release yet");
  return version_of(text_of(results_of(page)[0], "version"));
}

int diff(Session& session) {
  const auto& words = session.words();
  const std::int64_t to = words.size() > 1 ? version_of(words[1]) : newest(session);
  const std::int64_t from = words.empty() ? to - 1 : version_of(words[0]);
  const auto found = differences(state_of(session, from), state_of(session, to));
  const bool show_values = session.has("values");
  if (session.json()) return session.print_json(diff_json(found, show_values));
  std::cout << header(session.app() + " " + v(from) + " -> " + v(to))
            << diff_text(found, show_values, colours());
  return 0;
}

}  // namespace

std::vector<Command> releases_commands() {
  const std::string shape = "`version summary build config app owner uuid created updated`";
  return {
      {.name = "releases:list",
       .summary = "list an application's releases, newest first",
       .options = {kAppOption, kLimitOption},
       .examples = {{"deis releases -a shop -l 10", ""}},
       .json = "array of releases: " + shape,
       .run = list},
      {.name = "releases:info",
       .arguments = "<version>",
       .summary = "show one release",
       .options = {kAppOption},
       .examples = {{"deis releases:info v3 -a shop", ""}},
       .json = "the release: " + shape,
       .run = info,
       .completes = Completes::release},
      {.name = "releases:diff",
       .arguments = "[<version>] [<version>]",
       .summary = "show what differs between two releases",
       .details =
           "Build, config, limits and tags; without versions between the newest release and the one before. "
           "Of the config only the keys are shown, unless --values is given.",
       .options =
           {kAppOption, {.name = "values", .help = "show the values of the config too", .extension = true}},
       .examples = {{"deis releases:diff v3 v5 -a shop", ""}, {"deis releases:diff v3", "v3 and the newest"}},
       .json = "array of `part name change` (`added`, `removed`, `changed`) with `from` and `to`, those of "
               "the config "
               "only with --values",
       .run = diff,
       .completes = Completes::release},
      {.name = "releases:rollback",
       .arguments = "[<version>]",
       .summary = "deploy an earlier release again, as a new one",
       .details = "Without a version it is the one before the current.",
       .options = {kAppOption, kVerboseOption},
       .examples = {{"deis rollback", ""}, {"deis releases:rollback v3 -a shop", ""}},
       .json = "`version` of the new release",
       .run = rollback,
       .completes = Completes::release},
      {.name = "releases:canary",
       .arguments = "[<version>]",
       .summary = "let another release serve a part of the requests beside the live one",
       .details =
           "The version may be any other than the live one; `deis pull`, `deis config:set` and "
           "`deis config:unset` make one that is not live yet with --canary. It gets containers of its own, "
           "and when they are healthy --weight per cent of the requests. Without anything to change the "
           "state is shown.\n\n"
           "While a canary is on, the live release can be scaled and restarted, but no other release can be "
           "made: promote it (releases:promote) or abort it (releases:abort) first.",
       .options =
           {kAppOption,
            {"weight", 'w', "<percent>", "1 to 99; needed for a new canary"},
            {"count", 'c', "<num>", "containers of each type that answers requests (1)"},
            kVerboseOption},
       .examples =
           {{"deis releases:canary v8 --weight 10", ""},
            {"deis releases:canary --weight 50", "the same release, more requests"},
            {"deis releases:canary -a shop", "the state"}},
       .json = "`release` (null: none) `live weight owner created updated`, `containers`: array of `name "
               "state host "
               "restarts detail`",
       .run = canary,
       .completes = Completes::release},
      {.name = "releases:promote",
       .summary = "deploy the canary's release to everybody, as a new one",
       .options = {kAppOption, kVerboseOption},
       .examples = {{"deis releases:promote -a shop", ""}},
       .json = "`version` of the new release",
       .run = promote},
      {.name = "releases:abort",
       .summary = "end the canary; every request goes to the live release again",
       .options = {kAppOption, kVerboseOption},
       .examples = {{"deis releases:abort -a shop", ""}},
       .run = abort_canary}};
}

}  // namespace deis::cli
