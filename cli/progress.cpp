#include "cli/progress.h"

#include "cli/events.h"
#include "cli/terminal.h"
#include "core/base/error.h"
#include "core/base/text.h"

#include <array>
#include <iostream>
#include <sys/random.h>
#include <unistd.h>

namespace deis::cli {
namespace {

using namespace std::chrono_literals;

constexpr auto kGrace = 250ms;

std::string random_id() {
  std::array<char, 16> bytes{};
  if (::getrandom(bytes.data(), bytes.size(), 0) != static_cast<ssize_t>(bytes.size()))
    throw Error(ErrorCode::internal, "the kernel gave no random numbers");
  return hex_encode(std::string_view(bytes.data(), bytes.size()));
}

Task<std::unique_ptr<net::ResponseStream>> open_events(net::HttpClient client, net::Request request) {
  const Deadline soon = in(3s);
  std::unique_ptr<net::ResponseStream> stream = co_await client.open(std::move(request), soon);
  if (stream->head().status != 200) stream.reset();
  co_return stream;
}

}  // namespace

Progress::Progress(Loop& loop, std::ostream& out, const std::string& text)
    : out_(out),
      on_terminal_(is_terminal(&out == &std::cout ? STDOUT_FILENO : STDERR_FILENO)),
      line_open_(!text.ends_with('\n')) {
  out_ << text << std::flush;
  if (on_terminal_) animation_.emplace(loop, animate());
}

Progress::~Progress() {
  animation_.reset();
  erase_frame();
}

Task<> Progress::animate() {
  static constexpr std::array kFrames{"...", "o..", ".o.", "..o"};
  for (std::size_t i = 0; moving_; ++i) {
    erase_frame();
    out_ << kFrames[i % kFrames.size()] << std::flush;
    frame_shown_ = true;
    co_await net::sleep_for(400ms);
  }
}

void Progress::erase_frame() {
  if (frame_shown_) out_ << "\b\b\b   \b\b\b" << std::flush;
  frame_shown_ = false;
}

void Progress::line(const std::string& text) {
  moving_ = false;
  erase_frame();
  if (line_open_ && on_terminal_ && is_terminal(STDERR_FILENO)) std::cerr << "\n";
  line_open_ = false;
  std::cerr << text << "\n";
}

bool phases_wanted(bool asked) {
  return asked || is_terminal(STDERR_FILENO);
}

PhaseLines::PhaseLines(Api& api, const std::string& path, Progress& progress)
    : api_(api), ended_(api.loop().executor()) {
  const std::string request_id = random_id();
  net::Request request = api.request("GET", path);
  request.headers.set("Accept", "text/event-stream");
  try {
    auto stream = api.loop().run(open_events(api.client(), std::move(request)));
    if (!stream) return;
    reader_.emplace(api.loop(), show(std::move(stream), request_id, progress));
    api.set_request_id(request_id);
  } catch (const Error&) {
    // The call itself will say what is wrong.
  }
}

// The last phase before the answer may arrive a moment behind it.
PhaseLines::~PhaseLines() {
  if (any_) api_.loop().run(ended_.wait(in(kGrace)));
  reader_.reset();
  api_.set_request_id("");
}

Task<> PhaseLines::show(
    std::unique_ptr<net::ResponseStream> stream, std::string request_id, Progress& progress) {
  EventParser parser;
  for (;;) {
    const std::string piece = co_await stream->read(in(10min));
    if (piece.empty()) co_return;
    for (const ServerEvent& event : parser.feed(piece)) {
      const auto phase = read_phase(event);
      if (!phase || phase->request_id != request_id) continue;
      any_ = true;
      progress.line(phase_line(*phase));
      if (phase->name == "switched" || phase->name == "done" || phase->name == "failed") ended_.notify();
    }
  }
}

}  // namespace deis::cli
