#include "cli/commands/shared.h"

#include "cli/output.h"
#include "cli/terminal.h"
#include "core/base/error.h"
#include "core/base/text.h"
#include "core/json/json.h"

#include <fmt/format.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <iostream>
#include <sstream>

namespace deis::cli {

std::optional<std::pair<std::string, std::string>> split_pair(const std::string& text) {
  const auto equals = text.find('=');
  if (equals == std::string::npos || equals == 0 || equals + 1 == text.size()) return std::nullopt;
  return std::pair(text.substr(0, equals), text.substr(equals + 1));
}

void say_skipped(Session& session, const std::string& word, const std::string& pattern) {
  session.say() << "'" << word << "' does not match the pattern " << pattern << "\n";
}

json::object under(const std::string& key, json::object members) {
  json::object body;
  if (!members.empty()) body[key] = std::move(members);
  return body;
}

std::string read_file(const std::string& path) {
  errno = 0;
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  if (file) text << file.rdbuf();
  if (!file || text.bad()) {
    const char* reason = errno ? std::strerror(errno) : "it is empty or no file";
    throw Error(ErrorCode::not_found, "cannot read " + path + ": " + reason);
  }
  return text.str();
}

void confirm_app(Session& session, const std::string& warning) {
  const std::string& app = session.app();
  std::string confirm = session.find("confirm").value_or("");
  if (!session.has("confirm")) {
    session.say() << fmt::format(
        " !    WARNING: Potentially Destructive Action\n !    {}: {}\n"
        " !    To proceed, type \"{}\" or re-run this command with --confirm={}\n\n",
        warning,
        app,
        app,
        app);
    confirm = prompt("> ", session.json());
  }
  if (confirm != app) {
    throw Error(ErrorCode::invalid, fmt::format("App {} does not match confirm {}, aborting.", app, confirm));
  }
}

std::int64_t option_number(const std::string& option, const std::string& value) {
  const auto number = parse_int(value);
  if (!number || *number < 0) throw Error(ErrorCode::invalid, "--" + option + " must be a number");
  return *number;
}

void add_canary(Session& session, json::object& body) {
  if (const auto weight = session.find("canary")) body["canary"] = option_number("canary", *weight);
}

}  // namespace deis::cli
