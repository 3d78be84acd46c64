#include "cli/commands/shared.h"
#include "cli/dotenv.h"
#include "cli/output.h"
#include "cli/terminal.h"
#include "core/base/error.h"
#include "core/base/text.h"
#include "core/json/json.h"

#include <fmt/format.h>

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <filesystem>
#include <iostream>
#include <unistd.h>

namespace deis::cli {
namespace {

constexpr auto kEnvFile = ".env";
constexpr auto kPairPattern = "'key=var', ex: MODE=test";

std::string config_text(Session& session, const json::value& config) {
  return header(session.app() + " Config") + padded(texts_in(config, "values"), 6);
}

int list(Session& session) {
  const json::value config = session.api().get(session.app_path("config/"));
  if (session.json()) return session.print_json(config);
  if (!session.has("oneline")) {
    std::cout << config_text(session, config);
    return 0;
  }
  for (const auto& [key, value] : texts_in(config, "values")) std::cout << key << "=" << value << " ";
  std::cout << "\n";
  return 0;
}

// SSH_KEY may be given as the name of a private key's file; it travels in base64.
std::string ssh_key(const std::string& value) {
  std::error_code none;
  const std::string text = std::filesystem::is_regular_file(value, none) ? read_file(value) : value;
  const bool begins = trim(text).starts_with("-----BEGIN ");
  if (!begins || text.find("PRIVATE KEY-----") == std::string::npos) {
    throw Error(
        ErrorCode::invalid,
        "Could not parse SSH private key: SSH_KEY must be a PEM private key, or the name of a file that "
        "holds "
        "one");
  }
  return base64_encode(text);
}

int post_values(Session& session, const std::string& what, const json::object& values) {
  json::value config;
  json::object body = under("values", values);
  add_canary(session, body);
  session.roll_out(what, [&] { config = session.api().post(session.app_path("config/"), body); });
  const auto shown = texts_in(config, "values");
  const auto release = shown.find("DEIS_RELEASE");
  const bool creates = what.starts_with("Creating");
  session.say() << (creates && release != shown.end() ? "done, " + release->second : "done") << "\n";
  if (session.json()) return session.print_json(config);
  std::cout << "\n" << config_text(session, config);
  return 0;
}

int set_pairs(Session& session, const std::vector<std::string>& words) {
  json::object values;
  for (const std::string& word : words) {
    const auto pair = split_pair(word);
    if (!pair) {
      say_skipped(session, word, kPairPattern);
      continue;
    }
    const auto& [key, value] = *pair;
    values[key] = key == "SSH_KEY" ? ssh_key(value) : value;
  }
  return post_values(session, "Creating config... ", values);
}

int set(Session& session) {
  return set_pairs(session, session.words());
}

int unset(Session& session) {
  json::object values;
  for (const std::string& key : session.words()) values[key] = nullptr;
  return post_values(session, "Removing config... ", values);
}

int push(Session& session) {
  const std::string path = session.find("path").value_or(kEnvFile);
  const std::string text = read_file(path);
  if (!text.empty() && !text.ends_with('\n'))
    std::cerr << "Warning: the last line of " << path << " has no line end and is not pushed\n";
  std::vector<std::string> words;
  for (std::string& line : complete_lines(text)) {
    const auto begin = trim(line);
    if (!begin.empty() && !begin.starts_with('#')) words.push_back(std::move(line));
  }
  return set_pairs(session, words);
}

// What is here stays unless it is answered with y; what is only here stays too.
Values merge(Values ours, const Values& theirs) {
  for (const auto& [key, value] : theirs) {
    const auto found = ours.find(key);
    if (found != ours.end() && found->second != value) {
      const std::string answer =
          prompt(fmt::format("{}: overwrite {} with {}? (y/N) ", key, found->second, value));
      if (to_lower(trim(answer)) != "y") continue;
    }
    ours[key] = value;
  }
  return ours;
}

void write_file(const std::string& path, const std::string& text) {
  const int file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0755);
  const bool written =
      file >= 0 && ::write(file, text.data(), text.size()) == static_cast<ssize_t>(text.size());
  const int failure = errno;
  if (file >= 0) ::close(file);
  if (!written) throw Error(ErrorCode::internal, "cannot write " + path + ": " + std::strerror(failure));
}

int pull(Session& session) {
  std::error_code none;
  const bool exists = std::filesystem::exists(kEnvFile, none);
  if (exists && !session.has("overwrite")) {
    throw Error(
        ErrorCode::conflict,
        std::string(kEnvFile) + " already exists, pass -o to overwrite it (with -i: to be asked per key)");
  }
  Values values = texts_in(session.api().get(session.app_path("config/")), "values");
  if (exists && session.has("interactive")) values = merge(read_env(read_file(kEnvFile)), values);
  write_file(kEnvFile, write_env(values));
  return 0;
}

}  // namespace

std::vector<Command> config_commands() {
  const std::string shape = "the config: `values memory cpu tags app owner uuid created updated`";
  return {
      {.name = "config:list",
       .summary = "show an application's environment",
       .options = {kAppOption, {"oneline", 0, "", "as KEY=value words in one line"}},
       .examples = {{"deis config -a shop", ""}, {"deis config --json | jq -r .values.MODE", ""}},
       .json = shape,
       .run = list},
      {.name = "config:set",
       .arguments = "<var>=<value>...",
       .summary = "set environment variables, in a new release",
       .details = "SSH_KEY may be the name of a private key's file; it is sent in base64.",
       .options = {kAppOption, kCanaryOption, kVerboseOption},
       .examples = {{"deis config:set MODE=test LEVEL=3", ""}, {"deis config:set SSH_KEY=~/.ssh/id_rsa", ""}},
       .json = shape,
       .run = set,
       .completes = Completes::key},
      {.name = "config:unset",
       .arguments = "<key>...",
       .summary = "remove environment variables, in a new release",
       .options = {kAppOption, kCanaryOption, kVerboseOption},
       .examples = {{"deis config:unset MODE LEVEL", ""}},
       .json = shape,
       .run = unset,
       .completes = Completes::key},
      {.name = "config:pull",
       .summary = "write the environment into the file .env",
       .options =
           {kAppOption,
            {"interactive", 'i', "", "ask for each key whose value differs; keys that are only here stay"},
            {"overwrite", 'o', "", "although there is a file"}},
       .examples = {{"deis config:pull -a shop", ""}, {"deis config:pull -i -o", "asks for each difference"}},
       .run = pull},
      {.name = "config:push",
       .summary = "set what the file .env says, in a new release",
       .details = "Empty lines and lines that begin with # are left out.",
       .options = {kAppOption, {"path", 'p', "<file>", "another file", Completes::file}, kVerboseOption},
       .examples = {{"deis config:push -a shop", ""}, {"deis config:push -p production.env", ""}},
       .json = shape,
       .run = push}};
}

}  // namespace deis::cli
