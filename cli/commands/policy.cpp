// What an application is allowed and asked: health checks, maintenance, allow-list.

#include "cli/commands/shared.h"
#include "cli/output.h"
#include "core/base/error.h"
#include "core/base/text.h"
#include "core/json/json.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <iostream>

namespace deis::cli {
namespace {

// --- health checks ----------------------------------------------------------------------------------

std::string checks_text(Session& session, const json::value& checks) {
  std::string text = header(session.app() + " Healthchecks");
  const auto* types = checks.if_object();
  if (!types) return text;
  for (const auto& entry : *types) {
    text += fmt::format("--- {}:\n", std::string_view(entry.key()));
    std::map<std::string, std::string> settings;
    if (const auto* check = entry.value().if_object()) {
      for (const auto& setting : *check)
        settings[std::string(setting.key())] = text_of(entry.value(), setting.key_c_str());
    }
    text += padded(settings, 5);
  }
  return text;
}

int print_checks(Session& session, const json::value& checks) {
  if (session.json()) return session.print_json(checks);
  std::cout << checks_text(session, checks);
  return 0;
}

int list_checks(Session& session) {
  return print_checks(session, session.api().get(session.app_path("healthchecks/")));
}

constexpr std::array kNumbers{
    "startup_timeout", "interval", "timeout", "failures", "delay", "successes", "settle_ms"};

std::string option_of(std::string member) {
  std::replace(member.begin(), member.end(), '_', '-');
  return member;
}

int change_checks(Session& session, const json::object& changes) {
  session.roll_out(
      "Applying healthchecks... ", [&] { session.api().post(session.app_path("healthchecks/"), changes); });
  session.say() << "done\n";
  if (!session.json()) std::cout << "\n";
  return list_checks(session);
}

int set_check(Session& session) {
  json::object check;
  if (const auto type = session.find("type")) check["type"] = *type;
  if (const auto path = session.find("path")) {
    check["path"] = *path;
    if (!session.has("type")) check["type"] = "http";
  }
  for (const char* member : kNumbers) {
    const std::string option = option_of(member);
    const auto given = session.find(option);
    if (!given) continue;
    const auto number = parse_int(*given);
    if (!number || *number < 0) throw Error(ErrorCode::invalid, "--" + option + " must be a number from 0");
    check[member] = *number;
  }
  const json::object changes{{session.words()[0], check}};
  return change_checks(session, changes);
}

int unset_check(Session& session) {
  json::object changes;
  for (const std::string& type : session.words()) changes[type] = nullptr;
  return change_checks(session, changes);
}

// --- maintenance ------------------------------------------------------------------------------------

int print_maintenance(Session& session, const json::value& state) {
  if (session.json()) return session.print_json(state);
  const bool on = text_of(state, "enabled") == "true";
  const std::string message = text_of(state, "message");
  std::cout << "Maintenance mode is " << (on ? "on" : "off") << " for " << session.app() << "\n";
  if (on && !message.empty()) std::cout << "Message: " << message << "\n";
  return 0;
}

int show_maintenance(Session& session) {
  return print_maintenance(session, session.api().get(session.app_path("maintenance/")));
}

int set_maintenance(Session& session, bool on) {
  json::object body{{"enabled", on}};
  if (const auto message = session.find("message")) body["message"] = *message;
  session.progress(
      fmt::format("{} maintenance mode for {}... ", on ? "Enabling" : "Disabling", session.app()),
      [&] { session.api().post(session.app_path("maintenance/"), body); });
  session.say() << "done\n";
  return session.json() ? show_maintenance(session) : 0;
}

// --- allow-list -------------------------------------------------------------------------------------

std::vector<std::string> addresses(Session& session) {
  const json::value answer = session.api().get(session.app_path("allowlist/"));
  std::vector<std::string> all;
  for (const json::value& address : array_in(answer, "addresses")) {
    if (address.is_string()) all.emplace_back(address.get_string());
  }
  return all;
}

int print_addresses(Session& session, const std::vector<std::string>& all) {
  if (session.json()) {
    const json::object body{{"addresses", json::to_value(all)}};
    return session.print_json(body);
  }
  std::cout << header(session.app() + " Allowlist");
  if (all.empty()) std::cout << "Everybody\n";
  for (const std::string& address : all) std::cout << address << "\n";
  return 0;
}

int list_addresses(Session& session) {
  return print_addresses(session, addresses(session));
}

int put_addresses(Session& session, const std::vector<std::string>& all) {
  const json::object body{{"addresses", json::to_value(all)}};
  session.progress(
      "Applying allowlist... ", [&] { session.api().post(session.app_path("allowlist/"), body); });
  session.say() << "done\n";
  if (!session.json()) std::cout << "\n";
  return list_addresses(session);
}

int add_addresses(Session& session) {
  std::vector<std::string> all = addresses(session);
  for (const std::string& address : session.words()) {
    if (std::ranges::find(all, address) == all.end()) all.push_back(address);
  }
  return put_addresses(session, all);
}

int remove_addresses(Session& session) {
  std::vector<std::string> all = addresses(session);
  for (const std::string& address : session.words()) {
    const auto found = std::ranges::find(all, address);
    if (found == all.end()) {
      throw Error(
          ErrorCode::not_found,
          address + " is not in the allowlist: " + (all.empty() ? "it is empty" : join(all, ", ")));
    }
    all.erase(found);
  }
  if (all.empty() && !session.words().empty())
    std::cerr << "Warning: the list is empty now, so everybody may reach " << session.app() << "\n";
  return put_addresses(session, all);
}

}  // namespace

std::vector<Command> healthchecks_commands() {
  const std::string shape =
      "object by process type: `type path startup_timeout interval timeout failures delay successes "
      "settle_ms`";
  const auto seconds = [](const char* name, const char* help) {
    return Option{.name = name, .value = "<num>", .help = help};
  };
  return {
      {.name = "healthchecks:list",
       .summary = "show when processes count as healthy",
       .options = {kAppOption},
       .examples = {{"deis healthchecks -a shop", ""}},
       .json = shape,
       .run = list_checks},
      {.name = "healthchecks:set",
       .arguments = "<type>",
       .summary = "say when processes of a type count as healthy",
       .details = "A new process must pass before it gets requests; one that fails later gets none until it "
                  "passes again, and is restarted when it goes on failing.",
       .options =
           {kAppOption,
            {"type", 0, "<tcp|http>", "connect, or ask for a page (http when there is a --path)"},
            {"path", 0, "<path>", "the page to ask for; 200 is healthy"},
            seconds("startup-timeout", "seconds until the first success"),
            seconds("interval", "seconds between checks"),
            seconds("timeout", "seconds to wait for an answer"),
            seconds("failures", "how many in a row end its service"),
            seconds("successes", "how many in a row it needs to come up"),
            seconds("settle-ms", "milliseconds an open port must stay open"),
            seconds("delay", "seconds before the first check"),
            kVerboseOption},
       .examples =
           {{"deis healthchecks:set web --path=/healthz --timeout=2", ""},
            {"deis healthchecks:set web --type=tcp --startup-timeout=120", ""}},
       .json = shape,
       .run = set_check,
       .completes = Completes::type},
      {.name = "healthchecks:unset",
       .arguments = "<type>...",
       .summary = "go back to the defaults",
       .options = {kAppOption, kVerboseOption},
       .examples = {{"deis healthchecks:unset web", ""}},
       .json = shape,
       .run = unset_check,
       .completes = Completes::type}};
}

std::vector<Command> maintenance_commands() {
  const Option message{"message", 'm', "<text>", "what visitors read"};
  const std::string shape = "`enabled message`";
  return {
      {.name = "maintenance:info",
       .summary = "show whether visitors get the maintenance page",
       .options = {kAppOption},
       .examples = {{"deis maintenance -a shop", ""}},
       .json = shape,
       .run = show_maintenance},
      {.name = "maintenance:on",
       .summary = "answer every request with a maintenance page",
       .options = {kAppOption, message},
       .examples = {{"deis maintenance:on -m 'Back at noon' -a shop", ""}},
       .json = shape,
       .run = [](Session& session) { return set_maintenance(session, true); }},
      {.name = "maintenance:off",
       .summary = "send requests to the application again",
       .options = {kAppOption},
       .examples = {{"deis maintenance:off -a shop", ""}},
       .json = shape,
       .run = [](Session& session) { return set_maintenance(session, false); }}};
}

std::vector<Command> allowlist_commands() {
  const std::string shape = "`addresses`, an array; empty means everybody";
  return {
      {.name = "allowlist:list",
       .summary = "show which addresses may reach an application",
       .options = {kAppOption},
       .examples = {{"deis allowlist -a shop", ""}},
       .json = shape,
       .run = list_addresses},
      {.name = "allowlist:add",
       .arguments = "<address>...",
       .summary = "let addresses or networks reach it; all others no longer",
       .options = {kAppOption},
       .examples = {{"deis allowlist:add 10.0.0.0/8 2001:db8::/32 -a shop", ""}},
       .json = shape,
       .run = add_addresses},
      {.name = "allowlist:remove",
       .arguments = "<address>...",
       .summary = "take addresses off the list; an empty list lets everybody in",
       .options = {kAppOption},
       .examples = {{"deis allowlist:remove 10.0.0.0/8 -a shop", ""}},
       .json = shape,
       .run = remove_addresses}};
}

}  // namespace deis::cli
