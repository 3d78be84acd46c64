#include "cli/command.h"
#include "cli/output.h"
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

int list(Session& session) {
  const json::value page = session.api().get(session.app_path("releases/") + session.limit_query());
  print_header(session.app() + " Releases", results_of(page).size(), count_of(page));
  for (const json::value& release : results_of(page)) {
    std::cout << "v" << text_of(release, "version") << "\t" << text_of(release, "created") << "\t"
              << text_of(release, "summary") << "\n";
  }
  return 0;
}

int info(Session& session) {
  const std::string version = "v" + std::to_string(version_of(session.arguments().positional()[0]));
  const json::value release = session.api().get(session.app_path("releases/" + version + "/"));
  std::cout << "=== " << session.app() << " Release " << version << "\n";
  for (const char* key : {"build", "config", "owner", "created", "summary", "updated", "uuid"}) {
    const std::string value = text_of(release, key), label = std::string(key) + ":";
    if (!value.empty()) std::cout << label << std::string(10 - label.size(), ' ') << value << "\n";
  }
  return 0;
}

int rollback(Session& session) {
  const auto& words = session.arguments().positional();
  json::object body;
  std::string what = "Rolling back one release... ";
  if (!words.empty()) {
    const auto version = version_of(words[0]);
    body["version"] = version;
    what = "Rolling back to v" + std::to_string(version) + "... ";
  }
  json::value answer;
  with_progress(what, [&] { answer = session.api().post(session.app_path("releases/rollback/"), body); });
  std::cout << "done, v" << text_of(answer, "version") << "\n";
  return 0;
}

}  // namespace

std::vector<Command> releases_commands() {
  return {
      {"releases:list",
       "deis releases:list [-a --app=<app>] [-l --limit=<num>]",
       "list an application's releases, newest first",
       {kAppOption, kLimitOption},
       0,
       0,
       list},
      {"releases:info",
       "deis releases:info <version> [-a --app=<app>]",
       "show one release",
       {kAppOption},
       1,
       1,
       info},
      {"releases:rollback",
       "deis releases:rollback [<version>] [-a --app=<app>]",
       "deploy an earlier release again\n\n  deis rollback v3",
       {kAppOption},
       0,
       1,
       rollback}};
}

}  // namespace deis::cli
