#include "logger/ingest.h"

#include "core/base/error.h"
#include "core/json/json.h"

#include <fmt/format.h>

namespace deis::logger {

using namespace std::chrono_literals;

namespace {

struct Wire {
  std::string c, a, p, l;
  std::int64_t t = 0, s = 0;
  std::optional<std::int64_t> batch;
};
BOOST_DESCRIBE_STRUCT(Wire, (), (c, a, p, l, t, s, batch))

constexpr std::size_t kMaxLine = 1024 * 1024, kMaxBatch = 10'000;

}  // namespace

Task<> Ingest::serve(std::unique_ptr<net::Stream> stream) {
  std::string buffer(64 * 1024, '\0'), unread;
  std::vector<Record> batch;
  for (;;) {
    const std::size_t count = co_await stream->read_some(buffer.data(), buffer.size(), Deadline::max());
    if (count == 0) co_return;
    unread.append(buffer, 0, count);
    if (unread.size() > kMaxLine && unread.find('\n') == std::string::npos)
      throw Error(ErrorCode::too_large, "a log record is too long");
    for (auto end = unread.find('\n'); end != std::string::npos; end = unread.find('\n')) {
      const auto wire = json::from<Wire>(json::parse(std::string_view(unread).substr(0, end)));
      unread.erase(0, end + 1);
      if (!wire.batch) {
        if (batch.size() >= kMaxBatch)
          throw Error(ErrorCode::too_large, "a batch of log records is too long");
        batch.push_back(Record{wire.c, wire.t, wire.s, wire.a, wire.p, wire.l});
        continue;
      }
      std::size_t fresh = 0;
      auto store = [this, &batch, &fresh] { fresh = store_.append(batch); };
      co_await worker_.run(std::move(store));
      metrics_.count(
          "deis_log_lines_total",
          "Log lines by what happened to them",
          {{"stage", "stored"}},
          static_cast<double>(fresh));
      metrics_.count(
          "deis_log_lines_total",
          "Log lines by what happened to them",
          {{"stage", "repeated"}},
          static_cast<double>(batch.size() - fresh));
      batch.clear();
      const std::string ack = fmt::format("{{\"ack\":{}}}\n", *wire.batch);
      co_await stream->write_all(ack, in(10s));
    }
  }
}

}  // namespace deis::logger
