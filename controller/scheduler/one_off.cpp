#include "controller/scheduler/one_off.h"

#include "core/base/error.h"
#include "core/docker/demux.h"

#include <fmt/format.h>

#include <array>

namespace deis::controller {
namespace {

constexpr auto kPullTime = std::chrono::minutes(10);

// Splits "localhost:5000/shop:git-1" at the tag's colon; the registry's port has one too.
std::pair<std::string, std::string> split_reference(const std::string& image) {
  const auto colon = image.rfind(':');
  if (colon == std::string::npos || image.find('/', colon) != std::string::npos) return {image, "latest"};
  return {image.substr(0, colon), image.substr(colon + 1)};
}

Task<> pull(docker::Client& docker, std::string image) {
  const auto [repository, tag] = split_reference(image);
  auto progress = co_await docker.pull(repository, tag, in(kPullTime));
  for (;;) {
    const auto step = co_await progress->next(in(kPullTime));
    if (!step) co_return;
    if (!step->error.empty()) throw Error(ErrorCode::unavailable, "pulling " + image + ": " + step->error);
  }
}

class BoundedOutput {
 public:
  explicit BoundedOutput(std::size_t limit) : limit_(limit) {}

  void add(std::string_view piece) {
    if (cut_) return;
    const std::size_t room = limit_ - text_.size();
    text_.append(piece.substr(0, room));
    cut_ = piece.size() > room;
    if (cut_) text_ += fmt::format("\n[output cut after {} bytes]\n", limit_);
  }
  std::string take() { return std::move(text_); }

 private:
  std::size_t limit_;
  std::string text_;
  bool cut_ = false;
};

}  // namespace

Task<std::string> create_one_off(
    docker::Client& docker, std::string name, docker::ContainerSpec spec, Deadline deadline) {
  const bool here = co_await docker.image_exists(spec.image, deadline);
  if (!here) co_await pull(docker, spec.image);
  co_return co_await docker.create_container(name, spec, deadline);
}

Task<RunResult> watch_one_off(
    docker::Client& docker, std::string container, std::size_t max_output, Deadline deadline) {
  // Attached before it starts: nothing it writes is missed.
  auto attached = co_await docker.attach(container, false, deadline);
  co_await docker.start_container(container, deadline);
  BoundedOutput output(max_output);
  docker::LogDemux demux;
  std::array<char, 64 * 1024> buffer;
  for (;;) {
    const auto size = co_await attached.stream->read_some(buffer.data(), buffer.size(), deadline);
    if (size == 0) break;
    for (const auto& piece : demux.feed(std::string_view(buffer.data(), size))) output.add(piece.data);
  }
  RunResult result;
  result.exit_code = co_await docker.wait_container(container, deadline);
  result.output = output.take();
  co_return result;
}

Task<> remove_quietly(docker::Client& docker, std::string container, Deadline deadline) {
  try {
    co_await docker.remove_container(container, true, deadline);
  } catch (const Error& error) {
    // A conflict: somebody else is removing it at this moment.
    if (error.code() != ErrorCode::not_found && error.code() != ErrorCode::conflict) throw;
  }
}

Task<std::string> last_lines(docker::Client& docker, std::string container, int lines, Deadline deadline) {
  docker::LogOptions options;
  options.timestamps = false;
  options.tail = lines;
  auto source = co_await docker.logs(container, options, false, deadline);
  std::string text;
  for (;;) {
    const auto piece = co_await source->next(deadline);
    if (!piece) co_return text;
    text += piece->data;
  }
}

}  // namespace deis::controller
