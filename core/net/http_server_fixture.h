#pragma once
// For tests: a server with a few paths, and raw bytes to talk to one.

#include "core/base/error.h"
#include "core/net/co_test.h"
#include "core/net/http_client.h"
#include "core/net/http_server.h"
#include "core/net/task_group.h"

#include <boost/asio/this_coro.hpp>

namespace deis::net::test {

using namespace std::chrono_literals;

inline Task<> stream_three(BodyWriter& out) {
  for (const char* piece : {"one,", "two,", "three"}) co_await out.write(piece);
}

inline Task<> echo_upgraded(std::unique_ptr<Stream> stream) {
  char bytes[100];
  for (;;) {
    const std::size_t count = co_await stream->read_some(bytes, sizeof(bytes), in(5s));
    if (count == 0) co_return;
    co_await stream->write_all(std::string_view(bytes, count), in(5s));
  }
}

inline Task<Reply> handle(Request request) {
  if (request.path() == "/stream") {
    Reply reply;
    reply.stream = stream_three;
    co_return reply;
  }
  if (request.path() == "/upgrade") {
    Reply reply;
    reply.status = 101;
    reply.headers.set("Upgrade", "tcp");
    reply.headers.set("Connection", "Upgrade");
    reply.upgraded = echo_upgraded;
    co_return reply;
  }
  if (request.path() == "/fail") throw Error(ErrorCode::internal, "secret detail");
  if (request.path() == "/split") {
    Reply reply = Reply::text(200, "");
    reply.headers.set("Location", "/\r\nSet-Cookie: stolen");
    co_return reply;
  }
  if (request.path() == "/slow") co_await sleep_for(50ms);
  co_return Reply::text(200, request.method + " " + request.target + " " + request.body);
}

// A server and what to stop it with.
class Fixture {
 public:
  Fixture(Executor executor, HttpServer::Options options)
      : server(executor, Endpoint::tcp("127.0.0.1", 0), handle, Log::silent(), options), group(executor) {
    group.spawn(server.run());
  }
  Task<> stop() {
    group.cancel();
    co_await group.join();
  }
  HttpServer server;
  TaskGroup group;
};

inline HttpServer::Options quick() {
  HttpServer::Options options;
  options.drain_timeout = 1s;
  return options;
}

inline Request get(std::string target) {
  Request request;
  request.target = std::move(target);
  return request;
}

// What the stream says up to `last`, or until it is closed; `last` "" is never found.
inline Task<std::string> until_closed_or(Stream& stream, std::string last) {
  std::string answer;
  char buffer[4096];
  while (last.empty() || answer.find(last) == std::string::npos) {
    std::size_t count = 0;
    try {
      count = co_await stream.read_some(buffer, sizeof(buffer), in(3s));
    } catch (const Error&) {
    }
    if (count == 0) break;
    answer.append(buffer, count);
  }
  co_return answer;
}

// Everything the server says to these bytes until it closes.
inline Task<std::string> raw(Endpoint endpoint, std::string bytes) {
  std::unique_ptr<Stream> stream = co_await connect(endpoint, in(5s));
  co_await stream->write_all(bytes, in(5s));
  co_return co_await until_closed_or(*stream, "");
}

}  // namespace deis::net::test
