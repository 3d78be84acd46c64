#include "core/net/wire.h"

#include "core/base/error.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>

namespace deis::net {
namespace {

class LeftoverStream : public Stream {
 public:
  LeftoverStream(std::unique_ptr<Stream> stream, std::string leftover)
      : stream_(std::move(stream)), leftover_(std::move(leftover)) {}

  Task<std::size_t> read_some(char* data, std::size_t size, Deadline deadline) override {
    if (leftover_.empty()) co_return co_await stream_->read_some(data, size, deadline);
    co_return take_leftover(data, size);
  }
  Task<std::optional<std::size_t>> read_before(char* data, std::size_t size, Deadline deadline) override {
    if (leftover_.empty()) co_return co_await stream_->read_before(data, size, deadline);
    co_return take_leftover(data, size);
  }
  Task<> write_all(std::string_view data, Deadline deadline) override {
    return stream_->write_all(data, deadline);
  }
  void shutdown_write() override { stream_->shutdown_write(); }
  void close() override { stream_->close(); }
  bool is_idle() override { return leftover_.empty() && stream_->is_idle(); }
  std::string peer() const override { return stream_->peer(); }

 private:
  std::size_t take_leftover(char* data, std::size_t size) {
    const std::size_t count = std::min(size, leftover_.size());
    std::memcpy(data, leftover_.data(), count);
    leftover_.erase(0, count);
    return count;
  }

  std::unique_ptr<Stream> stream_;
  std::string leftover_;
};

}  // namespace

void append_headers(std::string& out, const Headers& headers) {
  for (const auto& [name, value] : headers.all()) {
    const bool bad_name =
        name.empty() || name.find_first_of(std::string_view(" \t\r\n:\0", 6)) != std::string::npos;
    if (bad_name || value.find_first_of(std::string_view("\r\n\0", 3)) != std::string::npos) {
      throw Error(ErrorCode::invalid, fmt::format("header '{}' holds a character that is not allowed", name));
    }
    out += name;
    out += ": ";
    out += value;
    out += "\r\n";
  }
}

std::string chunk(std::string_view piece) {
  return fmt::format("{:x}\r\n{}\r\n", piece.size(), piece);
}

std::unique_ptr<Stream> with_leftover(std::unique_ptr<Stream> stream, std::string leftover) {
  if (leftover.empty()) return stream;
  return std::make_unique<LeftoverStream>(std::move(stream), std::move(leftover));
}

}  // namespace deis::net
