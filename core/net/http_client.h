#pragma once
// HTTP/1.1 client for one endpoint over TCP or a unix socket, with a keep-alive pool. An idle connection that
// the peer closed is replaced silently. A request that was sent on one which then turns out to be dead is
// repeated once, on a fresh connection, when its method is idempotent (RFC 9110 §9.2.2); a POST never is: it
// may have been done. Failures: Error{unavailable} (connect, reset), Error{timeout}, Error{too_large},
// Error{canceled}; an HTTP error status is not a failure here. Loop thread only; must outlive the requests
// under way.

#include "core/base/error.h"
#include "core/net/http.h"
#include "core/net/stream.h"

#include <functional>
#include <memory>

namespace deis::net {

struct Response : ResponseHead {
  std::string body;
};

// The next piece of a request body, "" at the end. Sent chunked.
using BodySource = std::function<Task<std::string>()>;

// A response whose body is read piece by piece: logs with follow, events, etcd watches, image builds.
// Destroying it before the end closes the connection; after the end the connection returns to the pool.
class ResponseStream {
 public:
  virtual ~ResponseStream() = default;
  virtual const ResponseHead& head() const = 0;
  // Some bytes of the body as they arrive, "" at its end. `deadline` bounds the wait for this piece only.
  virtual Task<std::string> read(Deadline deadline) = 0;
};

struct Upgraded {
  ResponseHead head;               // 101 or 200
  std::unique_ptr<Stream> stream;  // bytes already received behind the head come first
};

// What an upgrade was answered instead.
class UpgradeRefused : public Error {
 public:
  UpgradeRefused(ErrorCode code, const std::string& message, Response response)
      : Error(code, message), response_(std::move(response)) {}
  const Response& response() const { return response_; }

 private:
  Response response_;
};

class ClientPool;

// How a connection is made: connect() unless told otherwise (core/net/tls.h for https).
using Dial = std::function<Task<std::unique_ptr<Stream>>(Endpoint, Deadline)>;

class HttpClient {
 public:
  struct Options {
    std::size_t max_connections = 64;  // further requests wait for a free one
    std::size_t max_idle = 16;
    std::size_t max_body = 64 * 1024 * 1024;  // of a response read whole, bytes
    std::chrono::seconds idle_timeout{30};
    Dial dial;  // empty: connect()
  };
  HttpClient(Executor executor, Endpoint endpoint);
  HttpClient(Executor executor, Endpoint endpoint, Options options);
  ~HttpClient();

  // Host is set when absent; Content-Length is set from body. Never chunk-encodes.
  Task<Response> send(Request request, Deadline deadline);
  // As send() with a streamed request body (Docker build context). `deadline` bounds everything up to the
  // head.
  Task<std::unique_ptr<ResponseStream>> open(Request request, Deadline deadline);
  Task<std::unique_ptr<ResponseStream>> open(Request request, BodySource body, Deadline deadline);
  // Connection: Upgrade; Upgrade: tcp unless the request names another protocol (Docker attach and exec take
  // that). Any other status than 101/200: UpgradeRefused with the answer.
  Task<Upgraded> upgrade(Request request, Deadline deadline);

  const Endpoint& endpoint() const;

 private:
  std::shared_ptr<ClientPool> pool_;  // shared with response streams, which may outlive a call
};

}  // namespace deis::net
