// deisctl journal: a component's own output, across restarts of its container.

#include "core/base/error.h"
#include "ctl/commands.h"

#include <cstdio>

namespace deis::ctl {
namespace {

constexpr std::chrono::hours kQuiet{24};       // for which a component may say nothing
constexpr std::chrono::seconds kReplaced{60};  // for Swarm to bring a new container

void print(const docker::LogPiece& piece) {
  std::fwrite(piece.data.data(), 1, piece.data.size(), stdout);
  std::fflush(stdout);
}

// Prints until the container ends, or without following until its last line.
Task<> print_logs(Platform& platform, std::string container, int lines, Follow follow) {
  docker::LogOptions options;
  options.follow = follow == Follow::yes;
  options.timestamps = false;
  options.tail = lines;
  auto source = co_await platform.docker().logs(container, options, false, Platform::soon());
  while (const auto piece = co_await source->next(in(kQuiet))) print(*piece);
}

// The container that came after `container`; nullopt when none comes. Swarm makes it before it ends the one
// before; the log of one that was not started yet is at its end.
Task<std::optional<docker::ContainerSummary>> successor(
    Platform& platform, Component component, std::string container) {
  const auto deadline = in(kReplaced);
  while (std::chrono::steady_clock::now() < deadline) {
    auto newest = co_await platform.newest_container(component);
    if (newest && newest->id != container && newest->state != "created") co_return newest;
    co_await net::sleep_for(std::chrono::milliseconds(500));
  }
  co_return std::nullopt;
}

}  // namespace

Task<> journal(Platform& platform, std::string target, int lines, Follow follow) {
  const auto& component = find_component(target);
  auto container = co_await platform.newest_container(component);
  if (!container) {
    throw Error(
        ErrorCode::not_found, std::string(component.name) + " has no container; see 'deisctl status'");
  }
  while (container) {
    co_await print_logs(platform, container->id, lines, follow);
    if (follow == Follow::no) co_return;
    container = co_await successor(platform, component, container->id);
    lines = -1;  // all of the new one
  }
}

}  // namespace deis::ctl
