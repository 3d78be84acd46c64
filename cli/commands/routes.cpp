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

// --- trace ----------------------------------------------------------------------------------------

std::string canary_text(const json::value& of) {
  const auto* object = of.if_object();
  const auto* canary = object ? object->if_contains("canary") : nullptr;
  if (!canary || !canary->is_object()) return "";
  return ", v" + text_of(*canary, "release") + " as canary with " + text_of(*canary, "weight") + "%";
}

std::string endpoint_fate(const json::value& endpoint) {
  if (text_of(endpoint, "gets_requests") == "true") return "gets requests";
  if (text_of(endpoint, "draining") == "true") return "is leaving";
  if (text_of(endpoint, "state") == "up") return "is of another release";
  return text_of(endpoint, "detail");
}

std::string router_text(const json::value& router) {
  const bool agrees = text_of(router, "agrees") == "true";
  std::string text = agrees ? "agrees" : "DIFFERS: " + text_of(router, "trouble");
  for (const json::value& endpoint : array_in(router, "endpoints")) {
    const std::string in_flight = text_of(endpoint, "in_flight");
    if (in_flight != "0") text += "; " + text_of(endpoint, "address") + " answers " + in_flight;
    if (text_of(endpoint, "ejected") == "true") text += "; " + text_of(endpoint, "address") + " is ejected";
  }
  return text;
}

std::string trace_text(const json::value& trace) {
  const std::string host = text_of(trace, "host"), app = text_of(trace, "app");
  const bool own_domain = text_of(trace, "match") == "domain";
  std::string text = header(host + " Route");
  text += labelled("app", app + (own_domain ? " (by its domain)" : " (by its name)"));
  text += labelled("release", "v" + text_of(trace, "release") + canary_text(trace));
  text += labelled("balance", text_of(trace, "balance"));
  if (text_of(trace, "maintenance") == "true") text += labelled("maintenance", "on");
  text += labelled("revision", text_of(trace, "revision"));
  std::vector<std::vector<std::string>> endpoints{{"ENDPOINT", "RELEASE", "ADDRESS", "STATE", ""}};
  for (const json::value& one : array_in(trace, "endpoints")) {
    endpoints.push_back(
        {text_of(one, "name"),
         "v" + text_of(one, "release"),
         text_of(one, "address"),
         text_of(one, "state"),
         endpoint_fate(one)});
  }
  text += endpoints.size() > 1 ? "\n" + columns(endpoints) : "\nNo endpoints: nothing runs that serves.\n";
  std::vector<std::vector<std::string>> routers{{"ROUTER", "ADDRESS", "REVISION", ""}};
  for (const json::value& one : array_in(trace, "routers"))
    routers.push_back(
        {text_of(one, "id"), text_of(one, "address"), text_of(one, "revision"), router_text(one)});
  text += routers.size() > 1 ? "\n" + columns(routers) : "\nNo router is announced.\n";
  return text;
}

int trace(Session& session) {
  const json::value answer = session.api().get("/v1/routes/?host=" + url_encode(session.words()[0]));
  if (session.json()) return session.print_json(answer);
  std::cout << trace_text(answer);
  return 0;
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
       .details =
           "balance is round-robin or least-requests: which of the application's processes gets the next "
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
       .run = unset_settings},
      {.name = "routes:trace",
       .arguments = "<host>",
       .summary = "show how requests for a host travel",
       .details =
           "From the host to its application, release and endpoints as the platform has decided, and to what "
           "each router has made of it: one that differs, or does not tell, is said to. A router follows "
           "within milliseconds; one that goes on differing needs a look.",
       .examples = {{"deis routes:trace www.example.com", ""}},
       .json =
           "`host app match` (`domain`, `name`) `release canary balance drain_timeout maintenance revision`, "
           "`endpoints`: array of `name release address container state detail draining gets_requests`, "
           "`routers`: array of `id address revision agrees trouble release canary endpoints`",
       .run = trace}};
}

}  // namespace deis::cli
