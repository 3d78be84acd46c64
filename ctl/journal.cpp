// deisctl journal: a component's own output, across restarts of its container.

#include "core/base/error.h"
#include "ctl/commands.h"

#include <cstdio>

namespace deis::ctl {
namespace {

constexpr std::chrono::seconds kQuiet{60};     // between two looks whether the container still is the newest
constexpr std::chrono::seconds kReplaced{30};  // for Swarm to bring a new container

void print(const docker::LogPiece& piece) {
  std::fwrite(piece.data.data(), 1, piece.data.size(), stdout);
  std::fflush(stdout);
}

// Prints until the container ends.
Task<> print_logs(Platform& platform, std::string container, int lines, Follow follow) {
  docker::LogOptions options;
  options.follow = follow == Follow::yes;
  options.timestamps = false;
  options.tail = lines;
  auto source = co_await platform.docker().logs(container, options, false, Platform::soon());
  for (;;) {
    try {
      const auto piece = co_await source->next(in(kQuiet));
      if (!piece) co_return;
      print(*piece);
    } catch (const Error& error) {
      if (error.code() != ErrorCode::timeout) throw;
      // A quiet container, whose stream the deadline closed: the caller looks again.
      co_return;
    }
  }
}

}  // namespace

Task<> journal(Platform& platform, std::string target, int lines, Follow follow) {
  const auto& component = find_component(target);
  auto container = co_await platform.newest_container(component);
  if (!container) {
    throw Error(
        ErrorCode::not_found, std::string(component.name) + " has no container; see 'deisctl status'");
  }
  for (;;) {
    co_await print_logs(platform, container->id, lines, follow);
    if (follow == Follow::no) co_return;
    const auto before = container->id;
    const auto deadline = in(kReplaced);
    for (;;) {
      container = co_await platform.newest_container(component);
      if (container && (container->id != before || container->state == "running")) break;
      if (std::chrono::steady_clock::now() > deadline) co_return;
      co_await net::sleep_for(std::chrono::milliseconds(500));
    }
    lines = container->id == before ? 0 : -1;  // the same one again: only what is new
  }
}

}  // namespace deis::ctl
