#include "core/net/http_server.h"

#include "core/base/error.h"
#include "core/base/random.h"
#include "core/base/text.h"
#include "core/net/event.h"
#include "core/net/message_reader.h"
#include "core/net/reply_writer.h"
#include "core/net/task_group.h"
#include "core/net/wire.h"

#include <boost/asio/this_coro.hpp>
#include <fmt/format.h>

#include <list>

namespace deis::net {

Reply Reply::text(int status, std::string body) {
  Reply reply;
  reply.status = status;
  reply.headers.set("Content-Type", "text/plain; charset=utf-8");
  reply.body = std::move(body);
  return reply;
}

Reply Reply::json(int status, std::string body) {
  Reply reply;
  reply.status = status;
  reply.headers.set("Content-Type", "application/json");
  reply.body = std::move(body);
  return reply;
}

class ServerState {
 public:
  ServerState(Executor e, const Endpoint& listen, HttpServer::Handler h, Log l, HttpServer::Options o)
      : executor(e),
        listener(e, listen),
        handler(std::move(h)),
        log(std::move(l)),
        options(o),
        connections(e),
        changed(e) {}
  Executor executor;
  Listener listener;
  HttpServer::Handler handler;
  Log log;
  HttpServer::Options options;
  TaskGroup connections;
  std::size_t open = 0;  // connections; the group's size lags behind
  Event changed;         // a connection ended
  bool stopping = false;
  std::size_t held = 0;     // bytes of the bodies of all requests under way
  std::list<Stream*> idle;  // waiting for a request: closed at once when we stop
};

namespace {

using Reader = MessageReader;

// Counts the bytes of bodies that are held, as long as the request is under way.
class Held {
 public:
  explicit Held(std::size_t& total) : total_(total) {}
  ~Held() { total_ -= bytes_; }
  Held(const Held&) = delete;
  Held& operator=(const Held&) = delete;
  void add(std::size_t bytes) {
    bytes_ += bytes;
    total_ += bytes;
  }

 private:
  std::size_t& total_;
  std::size_t bytes_ = 0;
};

// Serves one connection, request after request.
class Session {
 public:
  Session(ServerState& server, std::unique_ptr<Stream> stream)
      : server_(server), stream_(std::move(stream)) {}

  Task<> run() {
    while (stream_ && !server_.stopping) {
      const bool again = co_await serve_request();
      if (!again) co_return;
    }
  }

 private:
  const HttpServer::Options& options() const { return server_.options; }
  ReplyWriter reply_writer() { return ReplyWriter(server_.executor, *stream_, unread_, server_.options); }

  Task<bool> serve_request() {
    MessageLimits limits;
    limits.head = options().max_head;
    limits.fields = options().max_headers;
    Reader reader(MessageParser::Kind::request, *stream_, unread_, limits);
    Held held(server_.held);
    const bool wait = unread_.empty();
    if (wait) {
      const bool came = co_await wait_for_bytes();
      if (!came) co_return false;
    }
    Reply refusal;
    bool refused = false;
    try {
      const bool any = co_await reader.read_head(in(options().head_timeout));
      if (!any) co_return false;
      co_await read_body(reader, held);
    } catch (const Error& error) {
      if (error.code() == ErrorCode::unavailable || error.code() == ErrorCode::canceled) co_return false;
      refusal = refusal_for(error, reader);
      refused = true;
    }
    if (refused) {
      const Manner last;
      add_own_headers(refusal);
      ReplyWriter writer = reply_writer();
      co_await writer.write(std::move(refusal), last);
      co_await linger();
      co_return false;
    }
    co_return co_await answer(reader);
  }

  // Waits for the first byte of a request; the connection may be closed meanwhile without harm.
  Task<bool> wait_for_bytes() {
    server_.idle.push_back(stream_.get());
    const auto place = std::prev(server_.idle.end());
    bool came = false;
    try {
      char bytes[4096];
      const std::size_t count = co_await stream_->read_some(bytes, sizeof(bytes), in(options().idle_timeout));
      unread_.append(bytes, count);
      came = count > 0;
    } catch (const Error&) {
      came = false;
    }
    server_.idle.erase(place);
    co_return came;
  }

  Task<> read_body(Reader& reader, Held& held) {
    std::string& body = reader.parser.request.body;
    const auto announced = reader.parser.content_length();
    if (announced && *announced > options().max_body) throw too_large();
    const Deadline deadline = in(options().body_timeout);
    const std::string expected = to_lower(reader.parser.request.headers.get("Expect"));
    if (!expected.empty() && expected != "100-continue")
      throw BadMessage(417, "of Expect only '100-continue' is understood");
    if (!expected.empty() && !reader.parser.is_done() && reader.parser.version >= 11) {
      co_await stream_->write_all("HTTP/1.1 100 CONTINUE\r\n\r\n", deadline);
    }
    for (;;) {
      const std::string piece = co_await reader.read_body(deadline);
      if (piece.empty()) co_return;
      body += piece;
      held.add(piece.size());
      if (body.size() > options().max_body) throw too_large();
      if (server_.held > options().max_bodies)
        throw BadMessage(503, "too many large requests are under way: try again in a moment");
    }
  }

  // Closing with unread input would reset the connection and lose the answer: read on for a moment.
  Task<> linger() {
    stream_->shutdown_write();
    const Deadline deadline = in(std::chrono::seconds(2));
    char bytes[16 * 1024];
    for (std::size_t total = 0; total < 16 * 1024 * 1024;) {
      const std::size_t count = co_await stream_->read_some(bytes, sizeof(bytes), deadline);
      if (count == 0) co_return;
      total += count;
    }
  }

  BadMessage too_large() const {
    return BadMessage(
        413, fmt::format("the body of the request is over the limit of {} bytes", options().max_body));
  }

  Reply refusal_for(const Error& error, const Reader& reader) const {
    int status = 400;
    std::string why = error.what();  // our own words: nothing of the request is quoted in them
    if (const auto* message = dynamic_cast<const BadMessage*>(&error)) status = message->status();
    if (error.code() == ErrorCode::timeout) {
      status = 408;
      const bool in_body = reader.parser.has_head();
      const auto limit = in_body ? options().body_timeout : options().head_timeout;
      why = fmt::format(
          "the {} of the request did not arrive within {} s", in_body ? "body" : "head", limit.count());
    }
    server_.log.debug("request refused", {{"status", status}, {"why", why}, {"peer", stream_->peer()}});
    Reply reply = Reply::json(status, fmt::format("{{\"detail\":\"{}\"}}", why));
    if (status == 503) reply.headers.set("Retry-After", "1");
    return reply;
  }

  Task<bool> answer(Reader& reader) {
    Request request = std::move(reader.parser.request);
    request.peer = stream_->peer();
    if (!request.headers.find("X-Request-Id")) request.headers.set("X-Request-Id", random_hex(8));
    Manner manner;
    manner.head_only = request.method == "HEAD";
    manner.chunked = reader.parser.version >= 11;
    manner.keep_alive = reader.parser.keep_alive() && !server_.stopping;
    Reply reply = co_await call_handler(request);
    if (!reply.headers.find("X-Request-Id"))
      reply.headers.set("X-Request-Id", request.headers.get("X-Request-Id"));
    if (reply.upgraded) {
      co_await upgrade(std::move(reply));
      co_return false;
    }
    ReplyWriter writer = reply_writer();
    co_return co_await writer.write(std::move(reply), manner);
  }

  Task<Reply> call_handler(const Request& request) {
    std::string what;
    try {
      Reply reply = co_await server_.handler(request);
      std::string unused;
      append_headers(unused, reply.headers);  // refuses what would break the head
      co_return reply;
    } catch (const Error& error) {
      if (error.code() == ErrorCode::canceled) throw;
      what = error.what();
    } catch (const std::exception& error) {
      what = error.what();
    }
    server_.log.error(
        "request handler failed",
        {{"method", request.method},
         {"path", request.path()},
         {"error", what},
         {"request_id", request.headers.get("X-Request-Id")}});
    Reply failure = Reply::json(500, "{\"detail\": \"internal error\"}");
    add_own_headers(failure);
    co_return failure;
  }

  void add_own_headers(Reply& reply) const {
    for (const auto& [name, value] : options().own_headers.all()) reply.headers.set(name, value);
  }

  Task<> upgrade(Reply reply) {
    std::string head = fmt::format("HTTP/1.1 {} {}\r\n", reply.status, standard_reason(reply.status));
    append_headers(head, reply.headers);
    head += "\r\n";
    co_await stream_->write_all(head, in(options().write_timeout));
    std::unique_ptr<Stream> stream = with_leftover(std::move(stream_), std::move(unread_));
    co_await reply.upgraded(std::move(stream));
  }

  ServerState& server_;
  std::unique_ptr<Stream> stream_;
  std::string unread_;
};

Task<> serve_connection(ServerState& server, std::unique_ptr<Stream> stream) {
  Session session(server, std::move(stream));
  try {
    co_await session.run();
  } catch (const std::exception& error) {
    // The client went away or was too slow: its own business.
    server.log.debug("connection ended", {{"error", error.what()}});
  }
  --server.open;
  server.changed.notify();
}

Task<> drain(ServerState& server) {
  server.stopping = true;
  for (Stream* stream : server.idle) stream->close();
  const Deadline deadline = in(server.options.drain_timeout);
  bool in_time = true;
  while (in_time && server.open > 0) in_time = co_await server.changed.wait(deadline);
  server.connections.cancel();
  co_await server.connections.join();
}

}  // namespace

HttpServer::HttpServer(Executor executor, const Endpoint& listen, Handler handler, Log log)
    : HttpServer(std::move(executor), listen, std::move(handler), std::move(log), Options()) {}

HttpServer::HttpServer(Executor executor, const Endpoint& listen, Handler handler, Log log, Options options)
    : state_(std::make_unique<ServerState>(
          std::move(executor), listen, std::move(handler), std::move(log), options)) {}

HttpServer::~HttpServer() = default;

Endpoint HttpServer::endpoint() const {
  return state_->listener.endpoint();
}

Task<> HttpServer::run() {
  ServerState& server = *state_;
  // The listener only hands connections on; they live in our own group, so that they survive its end and can
  // be drained. It is held back while all places are taken.
  Listener::Serve serve = [&server](std::unique_ptr<Stream> stream) -> Task<> {
    while (server.open >= server.options.max_connections) co_await server.changed.wait(Deadline::max());
    ++server.open;
    server.connections.spawn(serve_connection(server, std::move(stream)));
  };
  std::exception_ptr failure;
  try {
    co_await server.listener.run(std::move(serve), 1);
  } catch (...) {
    failure = std::current_exception();
  }
  co_await asio::this_coro::reset_cancellation_state(asio::disable_cancellation());
  co_await drain(server);
  if (failure) std::rethrow_exception(failure);
}

}  // namespace deis::net
