#include "core/net/reply_writer.h"

#include "core/base/error.h"
#include "core/net/wire.h"

#include <fmt/format.h>

namespace deis::net {
namespace {

class StreamWriter : public BodyWriter {
 public:
  StreamWriter(Stream& stream, bool chunked, std::chrono::seconds timeout)
      : stream_(stream), chunked_(chunked), timeout_(timeout) {}

  Task<> write(std::string_view piece) override {
    if (piece.empty()) co_return;  // an empty chunk would be the end
    const std::string framed = chunked_ ? chunk(piece) : std::string(piece);
    co_await stream_.write_all(framed, in(timeout_));
  }

 private:
  Stream& stream_;
  bool chunked_;
  std::chrono::seconds timeout_;
};

std::string head_of(Reply& reply, const Manner& manner) {
  const bool bodiless = reply.status == 204 || reply.status == 304;
  if (bodiless) {
    // says nothing about a body
  } else if (reply.stream) {
    if (manner.chunked) reply.headers.set("Transfer-Encoding", "chunked");
  } else {
    reply.headers.set("Content-Length", std::to_string(reply.body.size()));
  }
  if (!manner.keep_alive) reply.headers.set("Connection", "close");
  if (manner.keep_alive && !manner.chunked) reply.headers.set("Connection", "keep-alive");
  const std::string reason = reply.reason.empty() ? std::string(standard_reason(reply.status)) : reply.reason;
  std::string head = fmt::format("HTTP/1.1 {} {}\r\n", reply.status, reason);
  append_headers(head, reply.headers);
  return head + "\r\n";
}

Task<> write_body(Task<> body, bool& complete, TaskGroup& group) {
  std::exception_ptr failure;
  try {
    co_await std::move(body);
    complete = true;
  } catch (...) {
    failure = std::current_exception();
  }
  group.cancel();
  if (failure) std::rethrow_exception(failure);
}

}  // namespace

Task<bool> ReplyWriter::write(Reply reply, Manner manner) {
  const bool no_body = manner.head_only || reply.status == 204 || reply.status == 304;
  const bool streamed = reply.stream && !no_body;
  if (streamed && !manner.chunked) manner.keep_alive = false;
  std::string out = head_of(reply, manner);
  if (!no_body && !streamed) out += reply.body;
  co_await stream_.write_all(out, in(options_.write_timeout));
  if (!streamed) co_return manner.keep_alive;
  StreamWriter writer(stream_, manner.chunked, options_.write_timeout);
  const bool complete = co_await write_stream(reply.stream(writer));
  if (!complete) co_return false;
  if (manner.chunked) co_await stream_.write_all(chunk(""), in(options_.write_timeout));
  co_return manner.keep_alive;
}

// Whether the body was written to its end. A client that hangs up is noticed by reading: a stream without
// news would not be written to for long.
Task<bool> ReplyWriter::write_stream(Task<> body) {
  TaskGroup group(executor_);
  bool complete = false;
  group.spawn(write_body(std::move(body), complete, group));
  group.spawn(watch_client(group));
  co_await group.join();
  co_return complete;
}

Task<> ReplyWriter::watch_client(TaskGroup& group) {
  char bytes[4096];
  bool open = true;
  while (open) {
    std::size_t count = 0;
    try {
      count = co_await stream_.read_some(bytes, sizeof(bytes), Deadline::max());
    } catch (const Error& error) {
      if (error.code() == ErrorCode::canceled) throw;
    }
    unread_.append(bytes, count);  // the next request, early
    open = count > 0 && unread_.size() <= options_.max_head;
  }
  group.cancel();
}

}  // namespace deis::net
