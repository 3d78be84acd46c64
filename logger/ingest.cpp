#include "logger/ingest.h"

#include <fmt/format.h>

namespace deis::logger {

using namespace std::chrono_literals;

Task<> Ingest::serve(std::unique_ptr<net::Stream> stream) {
  std::string buffer(64 * 1024, '\0');
  BatchReader reader;
  for (;;) {
    const std::size_t count = co_await stream->read_some(buffer.data(), buffer.size(), Deadline::max());
    if (count == 0) co_return;
    reader.add(std::string_view(buffer).substr(0, count));
    while (const auto batch = reader.next()) {
      co_await store(*batch);
      const std::string ack = fmt::format("{{\"ack\":{}}}\n", batch->number);
      co_await stream->write_all(ack, in(10s));
    }
  }
}

Task<> Ingest::store(const Batch& batch) {
  std::size_t fresh = 0;
  auto work = [this, &batch, &fresh] { fresh = store_.append(batch.records); };
  co_await worker_.run(std::move(work));
  count("stored", fresh);
  count("repeated", batch.records.size() - fresh);
}

void Ingest::count(const char* stage, std::size_t lines) {
  metrics_.count(
      "deis_log_lines_total",
      "Log lines by what happened to them",
      {{"stage", stage}},
      static_cast<double>(lines));
}

}  // namespace deis::logger
