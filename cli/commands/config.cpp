#include "cli/command.h"
#include "cli/commands/shared.h"
#include "cli/output.h"
#include "core/base/error.h"
#include "core/base/text.h"
#include "core/json/json.h"

#include <fstream>
#include <iostream>
#include <sstream>

namespace deis::cli {
namespace {

std::map<std::string, std::string> values_of(const json::value& config) {
  std::map<std::string, std::string> values;
  for (const auto& member : config.as_object().at("values").as_object()) {
    values[std::string(member.key())] =
        member.value().is_string() ? std::string(member.value().get_string()) : json::to_text(member.value());
  }
  return values;
}

void print_config(Session& session, const std::map<std::string, std::string>& values) {
  std::cout << "=== " << session.app() << " Config\n";
  print_pairs(values, 6);
}

int list(Session& session) {
  const auto values = values_of(session.api().get(session.app_path("config/")));
  if (!session.arguments().has("oneline")) {
    print_config(session, values);
    return 0;
  }
  for (const auto& [key, value] : values) std::cout << key << "=" << value << " ";
  std::cout << "\n";
  return 0;
}

// SSH_KEY may be given as the name of a private key's file; it travels in base64.
std::string ssh_key(const std::string& value) {
  std::string text = value;
  if (std::ifstream file(value); file) {
    std::ostringstream content;
    content << file.rdbuf();
    text = content.str();
  }
  if (text.find("PRIVATE KEY-----") == std::string::npos) {
    throw Error(
        ErrorCode::invalid,
        "Could not parse SSH private key: it must be a PEM private key, or the name of a file that holds "
        "one");
  }
  return base64_encode(text);
}

void post_values(Session& session, const std::string& what, const json::object& values) {
  json::value config;
  with_progress(what, [&] {
    config = session.api().post(session.app_path("config/"), json::object{{"values", values}});
  });
  auto shown = values_of(config);
  const auto release = shown.find("DEIS_RELEASE");
  const bool creates = what.starts_with("Creating");
  std::cout << (creates && release != shown.end() ? "done, " + release->second : "done") << "\n\n";
  print_config(session, shown);
}

int set(Session& session) {
  json::object values;
  for (const std::string& word : session.arguments().positional()) {
    const auto pair = split_pair(word);
    if (!pair || pair->second.empty()) {
      std::cout << "'" << word << "' does not match the pattern 'key=var', ex: MODE=test\n";
      continue;
    }
    values[pair->first] =
        boost::json::string(pair->first == "SSH_KEY" ? ssh_key(pair->second) : pair->second);
  }
  post_values(session, "Creating config... ", values);
  return 0;
}

int unset(Session& session) {
  json::object values;
  for (const std::string& key : session.arguments().positional()) values[key] = nullptr;
  post_values(session, "Removing config... ", values);
  return 0;
}

}  // namespace

std::vector<Command> config_commands() {
  return {
      {"config:list",
       "deis config:list [--oneline] [-a --app=<app>]",
       "show an application's environment",
       {kAppOption, {"oneline", 0, false}},
       0,
       0,
       list},
      {"config:set",
       "deis config:set <var>=<value>... [-a --app=<app>]",
       "set environment variables: makes a new release\n\n  deis config:set MODE=test",
       {kAppOption},
       1,
       1000,
       set},
      {"config:unset",
       "deis config:unset <key>... [-a --app=<app>]",
       "remove environment variables",
       {kAppOption},
       1,
       1000,
       unset}};
}

}  // namespace deis::cli
