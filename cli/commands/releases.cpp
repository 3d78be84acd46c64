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
       .completes = Completes::release}};
}

}  // namespace deis::cli
