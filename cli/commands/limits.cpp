// Limits and tags: both are parts of the config, and a change of either is a release.

#include "cli/commands/shared.h"
#include "cli/output.h"
#include "core/base/error.h"
#include "core/base/text.h"
#include "core/json/json.h"

#include <algorithm>
#include <cctype>
#include <iostream>

namespace deis::cli {
namespace {

enum class Kind { memory, cpu, pids };

Kind kind_of(const Session& session) {
  const int given = session.has("memory") + session.has("cpu") + session.has("pids");
  if (given > 1) throw Error(ErrorCode::invalid, "only one of --memory, --cpu and --pids at a time");
  if (session.has("pids")) return Kind::pids;
  return session.has("cpu") ? Kind::cpu : Kind::memory;
}

// Digits and one or two letters, or one to four digits (contract §8.4); pids are numbers.
bool is_limit(const std::string& text, Kind kind) {
  const auto is_digit = [](unsigned char c) { return std::isdigit(c) != 0; };
  const auto unit = std::find_if_not(text.begin(), text.end(), is_digit);
  const auto digits = unit - text.begin(), letters = text.end() - unit;
  if (digits < 1 || digits > 10) return false;
  if (letters == 0) return digits <= (kind == Kind::pids ? 7 : 4);
  const bool is_unit =
      letters <= 2 && std::all_of(unit, text.end(), [](unsigned char c) { return std::isalpha(c); });
  return is_unit && kind != Kind::pids;
}

// Memory and CPU as the config has them, pids where the controller knows them, by process type.
json::object limits_by_type(const json::value& config, const std::optional<json::value>& known) {
  json::object limits;
  if (known && known->is_object()) limits = known->get_object();
  for (const char* kind : {"memory", "cpu"}) {
    const auto* o = config.if_object();
    const auto* values = o ? o->if_contains(kind) : nullptr;
    if (!values || !values->is_object()) continue;
    for (const auto& entry : values->get_object()) {
      auto& of_type = limits[entry.key()];
      if (!of_type.is_object()) of_type = json::object();
      of_type.get_object()[kind] = entry.value();
    }
  }
  return limits;
}

std::string section(const std::string& title, const std::map<std::string, std::string>& values) {
  return "\n--- " + title + "\n" + (values.empty() ? "Unlimited\n" : padded(values, 5));
}

int print_limits(Session& session) {
  const json::value config = session.api().get(session.app_path("config/"));
  const auto known = session.api().find(session.app_path("limits/"));
  const json::object limits = limits_by_type(config, known);
  if (session.json()) return session.print_json(limits);
  std::map<std::string, std::string> pids;
  for (const auto& entry : limits) {
    const std::string value = text_of(entry.value(), "pids");
    if (!value.empty()) pids[std::string(entry.key())] = value;
  }
  std::cout << header(session.app() + " Limits") << section("Memory", texts_in(config, "memory"))
            << section("CPU", texts_in(config, "cpu"));
  if (!pids.empty()) std::cout << section("PIDs", pids);
  return 0;
}

int apply(Session& session, Kind kind, const json::object& changes) {
  session.roll_out("Applying limits... ", [&] {
    if (kind == Kind::pids) {
      json::object by_type;
      for (const auto& change : changes) by_type[change.key()] = json::object{{"pids", change.value()}};
      session.api().post(session.app_path("limits/"), by_type);
    } else {
      session.api().post(session.app_path("config/"), under(kind == Kind::cpu ? "cpu" : "memory", changes));
    }
  });
  session.say() << "done\n";
  if (!session.json()) std::cout << "\n";
  return print_limits(session);
}

int set(Session& session) {
  const Kind kind = kind_of(session);
  json::object changes;
  for (const std::string& word : session.words()) {
    const auto pair = split_pair(word);
    if (!pair || !is_limit(pair->second, kind)) {
      say_skipped(session, word, "'type=limit', ex: web=512M, web=1024 with --cpu, web=200 with --pids");
    } else if (kind == Kind::pids) {
      changes[pair->first] = parse_int(pair->second).value_or(0);
    } else {
      changes[pair->first] = pair->second;
    }
  }
  return apply(session, kind, changes);
}

int unset(Session& session) {
  json::object changes;
  for (const std::string& type : session.words()) changes[type] = nullptr;
  return apply(session, kind_of(session), changes);
}

std::string tags_text(Session& session, const json::value& config) {
  return header(session.app() + " Tags") + padded(texts_in(config, "tags"), 5);
}

int print_tags(Session& session, const json::value& config) {
  if (session.json()) return session.print_json(object_in(config, "tags"));
  std::cout << tags_text(session, config);
  return 0;
}

int list_tags(Session& session) {
  return print_tags(session, session.api().get(session.app_path("config/")));
}

int apply_tags(Session& session, const json::object& changes) {
  json::value config;
  session.roll_out("Applying tags... ", [&] {
    config = session.api().post(session.app_path("config/"), under("tags", changes));
  });
  session.say() << "done\n";
  if (!session.json()) std::cout << "\n";
  return print_tags(session, config);
}

int set_tags(Session& session) {
  json::object changes;
  for (const std::string& word : session.words()) {
    const auto pair = split_pair(word);
    if (pair) {
      changes[pair->first] = pair->second;
    } else {
      say_skipped(session, word, "'key=value', ex: rack=1");
    }
  }
  return apply_tags(session, changes);
}

int unset_tags(Session& session) {
  json::object changes;
  for (const std::string& key : session.words()) changes[key] = nullptr;
  return apply_tags(session, changes);
}

}  // namespace

std::vector<Command> limits_commands() {
  const Option memory{"memory", 'm', "", "memory, in B, K, M or G (this is the default)"};
  const Option cpu{"cpu", 'c', "", "CPU shares, relative to 1024"};
  const Option pids{.name = "pids", .help = "how many processes and threads", .extension = true};
  const std::string shape = "object by process type: `memory cpu pids`, those that are set";
  return {
      {.name = "limits:list",
       .summary = "show an application's limits",
       .options = {kAppOption},
       .examples = {{"deis limits -a shop", ""}},
       .json = shape,
       .run = print_limits},
      {.name = "limits:set",
       .arguments = "<type>=<limit>...",
       .summary = "limit memory, CPU or the number of processes, in a new release",
       .options = {kAppOption, memory, cpu, pids, kVerboseOption},
       .examples =
           {{"deis limits:set web=512M worker=1G", ""},
            {"deis limits:set -c web=512", ""},
            {"deis limits:set --pids web=200", ""}},
       .json = shape,
       .run = set,
       .completes = Completes::type},
      {.name = "limits:unset",
       .arguments = "<type>...",
       .summary = "remove limits, in a new release",
       .options = {kAppOption, memory, cpu, pids, kVerboseOption},
       .examples = {{"deis limits:unset web", ""}, {"deis limits:unset --cpu web worker", ""}},
       .json = shape,
       .run = unset,
       .completes = Completes::type}};
}

std::vector<Command> tags_commands() {
  const std::string shape = "object of tags";
  return {
      {.name = "tags:list",
       .summary = "show an application's tags",
       .options = {kAppOption},
       .examples = {{"deis tags -a shop", ""}},
       .json = shape,
       .run = list_tags},
      {.name = "tags:set",
       .arguments = "<key>=<value>...",
       .summary = "run only on hosts with these labels, in a new release",
       .options = {kAppOption, kVerboseOption},
       .examples = {{"deis tags:set disk=ssd rack=1", ""}},
       .json = shape,
       .run = set_tags},
      {.name = "tags:unset",
       .arguments = "<key>...",
       .summary = "remove tags, in a new release",
       .options = {kAppOption, kVerboseOption},
       .examples = {{"deis tags:unset rack", ""}},
       .json = shape,
       .run = unset_tags}};
}

}  // namespace deis::cli
