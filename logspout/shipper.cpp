#include "logspout/shipper.h"

#include "core/base/error.h"
#include "core/json/json.h"
#include "core/net/backoff.h"

#include <fmt/format.h>

namespace deis::logspout {

using namespace std::chrono_literals;

namespace {

constexpr std::size_t kBatchLines = 1000, kBatchBytes = 512 * 1024, kLongestAnswer = 1024;
constexpr auto kSendLimit = 15s;

std::string to_wire(const std::string& container, const Source& source, const Line& line) {
  const auto text = [](const std::string& s) { return boost::json::string(s); };
  json::object record{{"t", line.time_ns}, {"s", line.sequence}};
  record["c"] = text(container);
  record["a"] = text(source.app);
  record["p"] = text(source.process);
  record["l"] = text(line.text);
  return json::to_text(record) + "\n";
}

}  // namespace

Shipper::Shipper(
    Executor executor,
    component::Directory& loggers,
    component::Metrics& metrics,
    Log log,
    std::size_t max_queue_bytes)
    : loggers_(loggers),
      metrics_(metrics),
      log_(std::move(log)),
      max_queue_bytes_(max_queue_bytes),
      added_(executor),
      shipped_(executor) {}

Task<> Shipper::add(std::string container, Source source, Line line) {
  while (queue_bytes_ >= max_queue_bytes_) co_await shipped_.wait(Deadline::max());
  Entry entry{container, line.time_ns, to_wire(container, source, line)};
  queue_bytes_ += entry.wire.size();
  queue_.push_back(std::move(entry));
  added_.notify();
  metrics_.count("deis_log_lines_total", "Log lines by what happened to them", {{"stage", "read"}});
}

Task<> Shipper::run() {
  net::Backoff backoff;
  bool away = false;
  for (;;) {
    std::string problem;
    try {
      const component::HostEntry logger = co_await loggers_.wait(in(30s));
      co_await ship_to(logger.address);
    } catch (const Error& error) {
      if (error.code() == ErrorCode::canceled) throw;
      problem = error.what();
    }
    // Said once, not for every attempt: our own lines come back to us as lines to ship.
    if (!away) log_.warning("the logger is away, lines wait", {{"error", problem}});
    away = true;
    co_await net::sleep_for(backoff.next());
  }
}

Task<> Shipper::ship_to(net::Endpoint logger) {
  std::unique_ptr<net::Stream> stream = co_await net::connect(logger, in(kSendLimit));
  LineSplitter unread(kLongestAnswer, "the logger's answer");
  for (;;) {
    if (queue_.empty()) {
      co_await added_.wait(in(5s));
      if (queue_.empty() && !stream->is_idle())
        throw Error(ErrorCode::unavailable, "the logger closed the connection");
      continue;
    }
    co_await ship_batch(*stream, unread);
  }
}

Task<> Shipper::ship_batch(net::Stream& stream, LineSplitter& unread) {
  std::string bytes;
  std::size_t count = 0;
  while (count < queue_.size() && count < kBatchLines && bytes.size() < kBatchBytes)
    bytes += queue_[count++].wire;
  ++batch_;
  bytes += fmt::format("{{\"batch\":{}}}\n", batch_);
  co_await stream.write_all(bytes, in(kSendLimit));
  const std::string answer = co_await read_line(stream, unread);
  if (answer != fmt::format("{{\"ack\":{}}}", batch_))
    throw Error(ErrorCode::unavailable, "the logger acknowledged something else");
  for (std::size_t i = 0; i < count; ++i) {
    positions_[queue_.front().container] = queue_.front().time_ns;
    queue_bytes_ -= queue_.front().wire.size();
    queue_.pop_front();
  }
  ++acknowledged_;
  shipped_.notify();
  metrics_.count(
      "deis_log_lines_total",
      "Log lines by what happened to them",
      {{"stage", "shipped"}},
      static_cast<double>(count));
}

Task<std::string> Shipper::read_line(net::Stream& stream, LineSplitter& unread) {
  for (;;) {
    if (auto line = unread.next()) co_return std::move(*line);
    char bytes[1024];
    const std::size_t count = co_await stream.read_some(bytes, sizeof(bytes), in(kSendLimit));
    if (count == 0) throw Error(ErrorCode::unavailable, "the logger closed the connection");
    unread.add(std::string_view(bytes, count));
  }
}

}  // namespace deis::logspout
