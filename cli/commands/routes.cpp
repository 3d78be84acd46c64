// How requests get to an application: the routers' settings for it.

#include "cli/commands/shared.h"
#include "cli/output.h"
#include "core/base/error.h"
#include "core/base/text.h"
#include "core/json/json.h"

#include <algorithm>
#include <iostream>

namespace deis::cli {
namespace {

std::string with_dashes(std::string member) {
  std::ranges::replace(member, '_', '-');
  return member;
}

std::string with_underscores(std::string word) {
  std::ranges::replace(word, '-', '_');
  return word;
}

int print_settings(Session& session, const json::value& settings) {
  if (session.json()) return session.print_json(settings);
  std::map<std::string, std::string> shown;
  if (const auto* members = settings.if_object()) {
    for (const auto& member : *members)
      shown[with_dashes(std::string(member.key()))] = text_of(settings, member.key_c_str());
  }
  std::cout << header(session.app() + " Routes") << padded(shown, 5);
  return 0;
}

int show_settings(Session& session) {
  return print_settings(session, session.api().get(session.app_path("routes/")));
}

int change_settings(Session& session, const json::object& changes) {
  json::value now;
  session.progress(
      "Applying routes... ", [&] { now = session.api().post(session.app_path("routes/"), changes); });
  session.say() << "done\n";
  if (!session.json()) std::cout << "\n";
  return print_settings(session, now);
}

int set_settings(Session& session) {
  json::object changes;
  for (const std::string& word : session.words()) {
    const auto pair = split_pair(word);
    if (!pair) throw Error(ErrorCode::invalid, "'" + word + "' is not like balance=least-requests");
    changes[with_underscores(pair->first)] = pair->second;
  }
  return change_settings(session, changes);
}

int unset_settings(Session& session) {
  json::object changes;
  for (const std::string& word : session.words()) changes[with_underscores(word)] = nullptr;
  return change_settings(session, changes);
}

}  // namespace

std::vector<Command> routes_commands() {
  const std::string shape = "`balance drain_timeout`";
  return {
      {.name = "routes:info",
       .summary = "show how routers treat an application",
       .options = {kAppOption},
       .examples = {{"deis routes -a shop", ""}},
       .json = shape,
       .run = show_settings},
      {.name = "routes:set",
       .arguments = "<setting>=<value>...",
       .summary = "change how routers treat an application",
       .details = "balance is round-robin or least-requests: which of the application's processes gets the next "
                  "request.\n\n"
                  "drain-timeout is how many seconds, 1 to 3600, requests may take that a process still answers "
                  "when it shall end. It gets no new ones, and ends as soon as they are done.",
       .options = {kAppOption},
       .examples =
           {{"deis routes:set balance=least-requests -a shop", ""},
            {"deis routes:set drain-timeout=600", "for long downloads"}},
       .json = shape,
       .run = set_settings},
      {.name = "routes:unset",
       .arguments = "<setting>...",
       .summary = "go back to the defaults",
       .options = {kAppOption},
       .examples = {{"deis routes:unset balance", ""}},
       .json = shape,
       .run = unset_settings}};
}

}  // namespace deis::cli
