#include "router/request_lines.h"

#include "core/base/error.h"

#include <boost/asio/local/datagram_protocol.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <array>
#include <filesystem>
#include <sys/stat.h>

namespace deis::router {

namespace {

using Protocol = asio::local::datagram_protocol;
constexpr int kBufferBytes = 4 << 20;       // the socket's: what waits while we are busy
constexpr std::size_t kLongest = 64 << 10;  // of a line

}  // namespace

std::pair<std::string_view, std::string_view> split_request_line(std::string_view datagram) {
  constexpr std::string_view kTag = " deis: ";
  const auto tag = datagram.find(kTag);
  if (tag == std::string_view::npos) return {};
  const std::string_view line = datagram.substr(tag + kTag.size());
  const auto blank = line.find(' ');
  if (blank == std::string_view::npos) return {};
  return {line.substr(0, blank), line.substr(blank + 1)};
}

RequestLines::RequestLines(Executor executor, Paths paths, component::AppLog out, Log log)
    : executor_(std::move(executor)), paths_(std::move(paths)), out_(std::move(out)), log_(log) {}

void RequestLines::take(std::string_view datagram) const {
  const auto [app, text] = split_request_line(datagram);
  try {
    out_.info(AppId::parse(app), text);
  } catch (const Error& error) {
    log_.debug("a line that is no app's request", {{"error", error.what()}});
  }
}

Task<> RequestLines::run() {
  const std::string path = paths_.request_socket();
  std::filesystem::remove(path);  // a predecessor's
  Protocol::socket socket(executor_, Protocol::endpoint(path));
  ::chmod(path.c_str(), 0666);  // nginx's workers have another user
  socket.set_option(Protocol::socket::receive_buffer_size(kBufferBytes));
  std::vector<char> buffer(kLongest);
  for (;;) {
    const std::size_t size = co_await socket.async_receive(asio::buffer(buffer), asio::use_awaitable);
    take({buffer.data(), size});
  }
}

}  // namespace deis::router
