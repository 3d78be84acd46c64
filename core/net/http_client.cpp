#include "core/net/http_client.h"

#include "core/base/error.h"
#include "core/net/event.h"
#include "core/net/message_reader.h"
#include "core/net/task_group.h"
#include "core/net/wire.h"

#include <boost/asio/this_coro.hpp>
#include <fmt/format.h>

#include <list>
#include <optional>

namespace deis::net {
namespace {

constexpr MessageLimits kLimits{.head = 64 * 1024, .fields = 200, .chunk_line = 1024, .trailers = 8 * 1024};
constexpr int kMaxInterim = 8;  // 1xx heads before the answer

bool is_idempotent(std::string_view method) {
  return method == "GET" || method == "HEAD" || method == "PUT" || method == "DELETE" || method == "OPTIONS";
}

struct Connection {
  std::unique_ptr<Stream> stream;
  std::string unread;
  bool reused = false;
  std::chrono::steady_clock::time_point idle_since;
};

std::string host_header(const Endpoint& endpoint) {
  if (endpoint.is_unix) return "localhost";
  return endpoint.port == 80 ? endpoint.host : fmt::format("{}:{}", endpoint.host, endpoint.port);
}

std::string head_text(const Request& request, const Endpoint& endpoint, bool chunked) {
  if (request.target.empty() || request.target.find_first_of(" \r\n\t") != std::string::npos) {
    throw Error(ErrorCode::invalid, fmt::format("'{}' cannot be a request target", request.target));
  }
  Headers headers = request.headers;
  if (!headers.find("Host")) headers.set("Host", host_header(endpoint));
  if (chunked) {
    headers.set("Transfer-Encoding", "chunked");
  } else if (!request.body.empty() || request.method == "POST" || request.method == "PUT") {
    headers.set("Content-Length", std::to_string(request.body.size()));
  }
  std::string text = fmt::format("{} {} HTTP/1.1\r\n", request.method, request.target);
  append_headers(text, headers);
  text += "\r\n";
  return text;
}

}  // namespace

// The connections of one client. A place among max_connections is held by a Lease.
class ClientPool : public std::enable_shared_from_this<ClientPool> {
 public:
  ClientPool(Executor executor, Endpoint to, HttpClient::Options o)
      : endpoint(std::move(to)), options(o), freed_(std::move(executor)) {}

  const Endpoint endpoint;
  const HttpClient::Options options;

  Task<> acquire(Deadline deadline) {
    while (open_ >= options.max_connections) {
      const bool freed = co_await freed_.wait(deadline);
      if (!freed)
        throw Error(
            ErrorCode::timeout, fmt::format("all {} connections to {} are busy", open_, endpoint.str()));
    }
    ++open_;
  }

  void release() {
    --open_;
    freed_.notify();
  }

  Task<Connection> connection(bool fresh, Deadline deadline) {
    if (!fresh) {
      if (auto idle = take_idle()) co_return std::move(*idle);
    }
    Connection connection;
    if (options.dial) {
      connection.stream = co_await options.dial(endpoint, deadline);
    } else {
      connection.stream = co_await connect(endpoint, deadline);
    }
    co_return connection;
  }

  void give_back(Connection connection) {
    if (idle_.size() >= options.max_idle || !connection.unread.empty()) return;
    connection.reused = true;
    connection.idle_since = std::chrono::steady_clock::now();
    idle_.push_back(std::move(connection));
  }

 private:
  std::optional<Connection> take_idle() {
    while (!idle_.empty()) {
      Connection connection = std::move(idle_.back());
      idle_.pop_back();
      const bool recent = std::chrono::steady_clock::now() - connection.idle_since < options.idle_timeout;
      if (recent && connection.stream->is_idle()) return connection;
    }
    return std::nullopt;
  }

  std::list<Connection> idle_;
  std::size_t open_ = 0;
  Event freed_;
};

namespace {

class Lease {
 public:
  explicit Lease(std::shared_ptr<ClientPool> pool) : pool_(std::move(pool)) {}
  Lease(Lease&& other) noexcept = default;
  ~Lease() {
    if (pool_) pool_->release();
  }
  ClientPool& pool() { return *pool_; }

 private:
  std::shared_ptr<ClientPool> pool_;
};

Task<Lease> lease(std::shared_ptr<ClientPool> pool, Deadline deadline) {
  co_await pool->acquire(deadline);
  co_return Lease(std::move(pool));
}

// A request under way: the connection it went out on and the reader of its answer.
class Exchange : public ResponseStream {
 public:
  Exchange(Lease lease, Connection connection, bool is_head)
      : lease_(std::move(lease)), connection_(std::move(connection)), is_head_(is_head) {
    start_reader();
  }

  ~Exchange() override {
    const auto& parser = reader_->parser;
    if (reusable_ && parser.is_done() && parser.keep_alive() && !upgraded_) {
      lease_.pool().give_back(std::move(connection_));
    }
  }

  Stream& stream() { return *connection_.stream; }
  bool reused() const { return connection_.reused; }
  bool answered() const { return interim_ > 0 || reader_->started(); }
  void must_close() { reusable_ = false; }

  Task<> read_head(Deadline deadline) {
    for (;;) {
      co_await reader_->read_head(deadline);
      const int status = reader_->parser.head.status;
      if (status >= 200 || status == 101) co_return;
      if (++interim_ > kMaxInterim)
        throw Error(ErrorCode::unavailable, "the server sends only interim answers");
      start_reader();
    }
  }

  const ResponseHead& head() const override { return reader_->parser.head; }
  Task<std::string> read(Deadline deadline) override { return reader_->read_body(deadline); }

  Upgraded upgrade() {
    upgraded_ = true;
    std::string leftover = std::exchange(reader_->parser.body, std::string()) + connection_.unread;
    return Upgraded{head(), with_leftover(std::move(connection_.stream), std::move(leftover))};
  }

 private:
  void start_reader() {
    reader_.emplace(MessageParser::Kind::response, *connection_.stream, connection_.unread, kLimits);
    if (is_head_) reader_->parser.expect_no_body();
  }

  Lease lease_;
  Connection connection_;
  bool is_head_;
  std::optional<MessageReader> reader_;
  int interim_ = 0;
  bool reusable_ = true, upgraded_ = false;
};

Task<std::unique_ptr<Exchange>> start(
    std::shared_ptr<ClientPool> pool, bool fresh, bool is_head, Deadline deadline) {
  Lease held = co_await lease(pool, deadline);
  Connection connection = co_await pool->connection(fresh, deadline);
  co_return std::make_unique<Exchange>(std::move(held), std::move(connection), is_head);
}

// Sends a request with a body in memory and reads the answer's head. A connection that turns out to be dead
// before any byte of the answer is replaced once, when the request may be repeated.
Task<std::unique_ptr<Exchange>> exchange(
    std::shared_ptr<ClientPool> pool, Request request, Deadline deadline) {
  const std::string bytes = head_text(request, pool->endpoint, false) + request.body;
  for (bool retry = false;; retry = true) {
    std::unique_ptr<Exchange> exchange = co_await start(pool, retry, request.method == "HEAD", deadline);
    try {
      co_await exchange->stream().write_all(bytes, deadline);
      co_await exchange->read_head(deadline);
      co_return exchange;
    } catch (const Error& error) {
      const bool dead = error.code() == ErrorCode::unavailable && exchange->reused() && !exchange->answered();
      if (retry || !dead || !is_idempotent(request.method)) throw;
    }
  }
}

struct Upload {
  bool ended = false, given_up = false;
  std::exception_ptr source_failure;
};

Task<> send_body(Stream& stream, BodySource source, Upload& upload, Deadline deadline) {
  for (;;) {
    std::string piece;
    try {
      piece = co_await source();
    } catch (...) {
      if (!upload.given_up) upload.source_failure = std::current_exception();
      throw;
    }
    co_await stream.write_all(chunk(piece), deadline);
    if (piece.empty()) break;
  }
  upload.ended = true;
}

// Writes the body while it waits for the head: a server may refuse early, and what it says then is the news.
Task<> upload_and_read_head(Exchange& exchange, BodySource body, Deadline deadline) {
  Upload upload;
  TaskGroup group(co_await asio::this_coro::executor);
  group.spawn(send_body(exchange.stream(), std::move(body), upload, deadline));
  std::exception_ptr read_failure, write_failure;
  try {
    co_await exchange.read_head(deadline);
  } catch (...) {
    read_failure = std::current_exception();
  }
  if (!upload.ended) {
    exchange.must_close();
    upload.given_up = true;
    group.cancel();
  }
  try {
    co_await group.join();
  } catch (...) {
    write_failure = std::current_exception();
  }
  if (upload.source_failure) std::rethrow_exception(upload.source_failure);
  if (read_failure) std::rethrow_exception(read_failure);
}

Task<std::string> read_whole(
    Exchange& answer, std::size_t max_body, const Endpoint& endpoint, Deadline deadline) {
  std::string body;
  for (;;) {
    const std::string piece = co_await answer.read(deadline);
    if (piece.empty()) co_return body;
    body += piece;
    if (body.size() > max_body) {
      throw Error(
          ErrorCode::too_large, fmt::format("the answer of {} is over {} bytes", endpoint.str(), max_body));
    }
  }
}

}  // namespace

HttpClient::HttpClient(Executor executor, Endpoint endpoint)
    : HttpClient(executor, std::move(endpoint), Options()) {}

HttpClient::HttpClient(Executor executor, Endpoint endpoint, Options options)
    : pool_(std::make_shared<ClientPool>(std::move(executor), std::move(endpoint), options)) {}

HttpClient::~HttpClient() = default;

const Endpoint& HttpClient::endpoint() const {
  return pool_->endpoint;
}

Task<Response> HttpClient::send(Request request, Deadline deadline) {
  const std::shared_ptr<ClientPool> pool = pool_;
  std::unique_ptr<Exchange> answer = co_await exchange(pool, std::move(request), deadline);
  Response response;
  static_cast<ResponseHead&>(response) = answer->head();
  response.body = co_await read_whole(*answer, pool->options.max_body, pool->endpoint, deadline);
  co_return response;
}

Task<std::unique_ptr<ResponseStream>> HttpClient::open(Request request, Deadline deadline) {
  std::unique_ptr<Exchange> answer = co_await exchange(pool_, std::move(request), deadline);
  co_return answer;
}

Task<std::unique_ptr<ResponseStream>> HttpClient::open(Request request, BodySource body, Deadline deadline) {
  const std::string head = head_text(request, pool_->endpoint, true);
  std::unique_ptr<Exchange> answer = co_await start(pool_, false, false, deadline);
  co_await answer->stream().write_all(head, deadline);
  co_await upload_and_read_head(*answer, std::move(body), deadline);
  co_return answer;
}

Task<Upgraded> HttpClient::upgrade(Request request, Deadline deadline) {
  request.headers.set("Connection", "Upgrade");
  if (!request.headers.find("Upgrade")) request.headers.set("Upgrade", "tcp");
  std::unique_ptr<Exchange> answer = co_await exchange(pool_, std::move(request), deadline);
  const int status = answer->head().status;
  if (status == 101 || status == 200) co_return answer->upgrade();
  Response refusal;
  static_cast<ResponseHead&>(refusal) = answer->head();
  refusal.body = co_await read_whole(*answer, pool_->options.max_body, endpoint(), deadline);
  const std::string message =
      fmt::format("{} refused the upgrade with {}: {}", endpoint().str(), status, refusal.body);
  throw UpgradeRefused(
      status == 404 ? ErrorCode::not_found : ErrorCode::unavailable, message, std::move(refusal));
}

}  // namespace deis::net
