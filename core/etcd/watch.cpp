#include "core/etcd/watch.h"

#include "core/base/error.h"
#include "core/base/lines.h"
#include "core/etcd/wire.h"

#include <algorithm>

namespace deis::etcd {
namespace {

constexpr std::size_t kMaxMessage = 64 * 1024 * 1024;  // bytes
constexpr auto kReopenTime = std::chrono::seconds(10);

class HttpWatch : public Watch {
 public:
  HttpWatch(net::HttpClient& http, std::string prefix, Revision start)
      : http_(http), prefix_(std::move(prefix)), next_(start) {}

  Task<> open(Deadline deadline) {
    net::Request request;
    request.method = "POST";
    request.target = "/v3/watch";
    request.headers.set("Content-Type", "application/json");
    request.body = wire::watch(prefix_, next_);
    lines_.rest();  // of the stream before
    stream_ = co_await http_.open(std::move(request), deadline);
    if (stream_->head().status != 200) {
      const std::string answer = co_await stream_->read(deadline);
      throw wire::read_failure(stream_->head().status, answer);
    }
    for (bool created = false; !created;) {
      const auto message = co_await next_message(deadline);
      created = message.created;
    }
  }

  Task<WatchBatch> next(Deadline deadline) override {
    // The last wait ended without news, which closed the stream: go on where it stood.
    if (!stream_) co_await open(in(kReopenTime));
    WatchBatch batch;
    try {
      auto message = co_await next_message(deadline);
      batch = std::move(message.batch);
    } catch (const Error& error) {
      if (error.code() != ErrorCode::timeout) throw;
      stream_.reset();
    }
    next_ = std::max(next_, batch.revision + 1);
    co_return batch;
  }

 private:
  // One JSON object per line; a line comes in any number of pieces.
  Task<wire::WatchMessage> next_message(Deadline deadline) {
    std::optional<std::string> line = lines_.next();
    while (!line) {
      const std::string piece = co_await stream_->read(deadline);
      if (piece.empty()) throw Error(ErrorCode::unavailable, "etcd closed the watch of " + prefix_);
      lines_.add(piece);
      line = lines_.next();
    }
    auto message = wire::read_watch(*line);
    if (message.compacted) {
      throw Error(
          ErrorCode::conflict,
          "history of " + prefix_ + " behind revision " + std::to_string(next_) + " is gone");
    }
    if (!message.failure.empty()) {
      throw Error(ErrorCode::unavailable, "etcd ended the watch of " + prefix_ + ": " + message.failure);
    }
    co_return message;
  }

  net::HttpClient& http_;
  std::string prefix_;
  Revision next_;  // the first one that has not been reported
  std::unique_ptr<net::ResponseStream> stream_;
  LineSplitter lines_{kMaxMessage, "a message of an etcd watch"};
};

}  // namespace

Task<std::unique_ptr<Watch>> open_watch(
    net::HttpClient& http, std::string prefix, Revision start, Deadline deadline) {
  auto watch = std::make_unique<HttpWatch>(http, std::move(prefix), start);
  co_await watch->open(deadline);
  co_return watch;
}

}  // namespace deis::etcd
