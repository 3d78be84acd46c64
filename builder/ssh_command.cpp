#include "builder/ssh_command.h"

#include "core/base/error.h"
#include "core/base/text.h"

#include <fmt/format.h>

#include <algorithm>

namespace deis::builder {
namespace {

bool is_hex(std::string_view text) {
  return text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

bool is_fingerprint(std::string_view text) {
  const auto parts = split(text, ':');
  return parts.size() == 16 && std::all_of(parts.begin(), parts.end(), [](std::string_view p) {
           return p.size() == 2 && is_hex(p);
         });
}

// The clients of git quote the path with single quotes; nothing else may be quoted or escaped.
std::string_view unquote(std::string_view text) {
  if (text.size() >= 2 && text.front() == '\'' && text.back() == '\'') text = text.substr(1, text.size() - 2);
  return text;
}

AppId app_of_path(std::string_view path) {
  std::string_view name = unquote(trim(path));
  while (name.starts_with('/')) name.remove_prefix(1);
  if (name.ends_with(".git")) name.remove_suffix(4);
  try {
    return AppId::parse(name);
  } catch (const Error&) {
    throw Error(
        ErrorCode::invalid,
        "that is not the name of a repository here: it must be <app>.git, the app made of [a-z0-9-]");
  }
}

std::string restricted_line(
    const std::string& command, const std::string& key_type, const std::string& key_base64) {
  if (!is_key_type(key_type) || !is_key_base64(key_base64))
    throw Error(ErrorCode::invalid, "not an SSH public key");
  return fmt::format("command=\"{}\",restrict {} {}", command, key_type, key_base64);
}

}  // namespace

std::string Identity::command() const {
  return fmt::format("session {} {}", user.str(), fingerprint);
}

Identity Identity::parse(const std::string& command) {
  const auto words = split(command, ' ');
  if (words.size() != 3 || words[0] != "session" || !is_fingerprint(words[2])) {
    throw Error(ErrorCode::invalid, "this account takes no commands");
  }
  return Identity{UserName::parse(words[1]), std::string(words[2])};
}

GitCommand parse_git_command(const std::string& original) {
  if (original == "ping") return GitCommand{};
  const auto starts = [&](std::string_view verb) -> std::optional<std::string_view> {
    if (original.size() <= verb.size() || !original.starts_with(verb) || original[verb.size()] != ' ')
      return std::nullopt;
    return std::string_view(original).substr(verb.size() + 1);
  };
  for (const std::string_view verb : {"git-receive-pack", "git receive-pack"}) {
    if (const auto path = starts(verb)) return GitCommand{GitCommand::Kind::receive_pack, app_of_path(*path)};
  }
  for (const std::string_view verb : {"git-upload-pack", "git upload-pack"}) {
    if (const auto path = starts(verb)) return GitCommand{GitCommand::Kind::upload_pack, app_of_path(*path)};
  }
  throw Error(ErrorCode::invalid, "only git push and git fetch work here: there is no shell");
}

std::vector<RefUpdate> parse_ref_updates(const std::string& input) {
  std::vector<RefUpdate> updates;
  for (const std::string_view line : split(input, '\n')) {
    if (line.empty()) continue;
    const auto words = split(line, ' ');
    const bool good = words.size() == 3 && words[0].size() == 40 && words[1].size() == 40 &&
                      is_hex(words[0]) && is_hex(words[1]) && words[2].starts_with("refs/");
    if (!good) throw Error(ErrorCode::invalid, "git sent a ref update that cannot be read");
    updates.push_back(RefUpdate{std::string(words[0]), std::string(words[1]), std::string(words[2])});
  }
  return updates;
}

bool is_key_type(const std::string& text) {
  const bool known = text.starts_with("ssh-") || text.starts_with("ecdsa-sha2-") || text.starts_with("sk-");
  return known && text.size() < 64 &&
         std::all_of(
             text.begin(),
             text.end(),
             [](char c) {
               return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '@' || c == '.';
             });
}

bool is_key_base64(const std::string& text) {
  return text.size() > 16 && text.size() < 8192 && base64_decode(text).has_value();
}

std::string authorized_key_line(
    const Identity& identity, const std::string& key_type, const std::string& key_base64) {
  return restricted_line(identity.command(), key_type, key_base64);
}

std::string unavailable_key_line(const std::string& key_type, const std::string& key_base64) {
  return restricted_line(kUnavailableCommand, key_type, key_base64);
}

}  // namespace deis::builder
