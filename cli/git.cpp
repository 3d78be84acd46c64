#include "cli/git.h"

#include "core/base/error.h"
#include "core/base/text.h"
#include "core/net/stream.h"
#include "core/process/process.h"

#include <fmt/format.h>

namespace deis::cli {
namespace {

constexpr auto kLimit = std::chrono::seconds(30);

process::Output git(Loop& loop, std::vector<std::string> arguments) {
  process::Command command;
  command.argv = {"git"};
  command.argv.insert(command.argv.end(), arguments.begin(), arguments.end());
  return loop.run(process::run(loop.executor(), std::move(command), "", in(kLimit)));
}

}  // namespace

std::string host_of(const std::string& controller) {
  return net::Endpoint::parse(controller).host;
}

std::string remote_url(const std::string& controller, const std::string& app) {
  return fmt::format("ssh://git@{}:2222/{}.git", host_of(controller), app);
}

std::optional<std::string> find_app(const std::string& remotes, const std::string& controller_host) {
  for (const std::string_view line : split(remotes, '\n')) {
    const auto tab = line.find('\t');
    if (tab == std::string_view::npos) continue;
    const std::string_view url = line.substr(tab + 1, line.find(' ', tab) - tab - 1);
    if (url.find(controller_host) == std::string_view::npos) continue;
    const auto last = url.substr(url.rfind('/') + 1);
    return std::string(last.substr(0, last.find('.')));
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
  throw Error(
      output.exit.code == 3 ? ErrorCode::conflict : ErrorCode::internal, std::string(trim(output.err)));
}

std::optional<std::string> Git::remove_remote_of(const std::string& app) {
  const auto text = remotes();
  if (!text) return std::nullopt;
  for (const std::string_view line : split(*text, '\n')) {
    if (line.find("/" + app + ".git") == std::string_view::npos) continue;
    const std::string name(line.substr(0, line.find('\t')));
    if (git(loop_, {"remote", "remove", "--", name}).exit.ok()) return name;
  }
  return std::nullopt;
}

}  // namespace deis::cli
