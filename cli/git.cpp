#include "cli/git.h"

#include "core/base/error.h"
#include "core/base/text.h"
#include "core/process/process.h"

#include <fmt/format.h>

#include <iostream>

namespace deis::cli {
namespace {

constexpr auto kLimit = std::chrono::seconds(30);
// "remote deis already exists": git says so with its own code since 2.30, before with the one for everything.
constexpr int kRemoteExists = 3, kFatal = 128;

process::Output git(Loop& loop, std::vector<std::string> arguments) {
  process::Command command;
  command.argv = {"git"};
  command.argv.insert(command.argv.end(), arguments.begin(), arguments.end());
  command.out = process::Command::Output::pipe;
  command.err = process::Command::Output::pipe;
  return loop.run(process::run(loop.executor(), std::move(command), "", in(kLimit)));
}

struct Remote {
  std::string_view name, url;
};

// Lines are "<name>\t<url> (fetch)".
std::vector<Remote> parse_remotes(std::string_view text) {
  std::vector<Remote> remotes;
  for (const std::string_view line : split(text, '\n')) {
    const auto tab = line.find('\t');
    if (tab == std::string_view::npos) continue;
    remotes.push_back({line.substr(0, tab), line.substr(tab + 1, line.find(' ', tab) - tab - 1)});
  }
  return remotes;
}

std::string_view app_in(std::string_view url) {
  const auto last = url.substr(url.rfind('/') + 1);
  return last.substr(0, last.find('.'));
}

}  // namespace

std::optional<std::string> find_app(const std::string& remotes, const std::string& controller_host) {
  for (const Remote& remote : parse_remotes(remotes)) {
    if (remote.url.find(controller_host) != std::string_view::npos) return std::string(app_in(remote.url));
  }
  return std::nullopt;
}

std::optional<std::string> find_remote(
    const std::string& remotes, const std::string& controller_host, const std::string& app) {
  for (const Remote& remote : parse_remotes(remotes)) {
    const bool here = remote.url.find(controller_host) != std::string_view::npos;
    if (here && app_in(remote.url) == app) return std::string(remote.name);
  }
  return std::nullopt;
}

std::optional<std::string> Git::remotes() {
  try {
    const process::Output output = git(loop_, {"remote", "-v"});
    if (output.exit.ok()) return output.out;
  } catch (const Error&) {
    // No git on this machine: as if there were no checkout.
  }
  return std::nullopt;
}

std::optional<std::string> Git::app_of_remote(const std::string& controller_host) {
  const auto text = remotes();
  return text ? find_app(*text, controller_host) : std::nullopt;
}

void Git::add_remote(const std::string& name, const std::string& url) {
  const process::Output output = git(loop_, {"remote", "add", "--", name, url});
  if (output.exit.ok()) return;
  std::cout << std::flush;
  std::cerr << output.err << std::flush;
  const int code = output.exit.code;
  const bool exists =
      code == kRemoteExists || (code == kFatal && output.err.find("already exists") != std::string::npos);
  throw Error(
      exists ? ErrorCode::conflict : ErrorCode::internal, fmt::format("git remote add ended with {}", code));
}

std::optional<std::string> Git::remove_remote_of(const std::string& app, const std::string& controller_host) {
  const auto text = remotes();
  if (!text) return std::nullopt;
  const auto name = find_remote(*text, controller_host, app);
  if (name && git(loop_, {"remote", "remove", "--", *name}).exit.ok()) return name;
  return std::nullopt;
}

}  // namespace deis::cli
