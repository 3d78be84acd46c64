#pragma once
// HTTP/1.1 server: keep-alive, bounded heads and bodies, deadlines for slow clients, streaming answers,
// upgrade. The handler turns a Request into a Reply; exceptions that leave it are answered 500 and logged.
// What is no request (400), too large (413, 431), too slow (408) or not spoken here (417, 501, 505) is
// refused with {"detail": ...} and the connection is closed: nothing behind it is taken for a request. Loop
// thread only.

#include "core/base/log.h"
#include "core/net/http.h"
#include "core/net/stream.h"

#include <functional>
#include <memory>
#include <string>

namespace deis::net {

// Writes a streamed body; each piece goes out at once as a chunk. Throws Error{unavailable} when the client
// is gone.
class BodyWriter {
 public:
  virtual ~BodyWriter() = default;
  virtual Task<> write(std::string_view piece) = 0;
};

struct Reply : ResponseHead {
  std::string body;
  // When set, `body` is ignored and the function writes the body after the head went out. It is cancelled
  // when the client hangs up meanwhile.
  std::function<Task<>(BodyWriter&)> stream;
  // When set, answered 101 (status must be 101) and the connection is handed over.
  std::function<Task<>(std::unique_ptr<Stream>)> upgraded;

  static Reply text(int status, std::string body);
  static Reply json(int status, std::string body);
};

class ServerState;

class HttpServer {
 public:
  using Handler = std::function<Task<Reply>(Request)>;
  struct Options {
    std::size_t max_head = 16 * 1024;           // bytes; over it 431
    std::size_t max_headers = 100;              // over it 431
    std::size_t max_body = 8 * 1024 * 1024;     // bytes; over it 413
    std::size_t max_bodies = 64 * 1024 * 1024;  // bytes of all bodies that are held at once; over it 503
    std::size_t max_connections = 1024;
    std::chrono::seconds head_timeout{15};   // from the first byte of a request to its last header; then 408
    std::chrono::seconds body_timeout{60};   // for the whole body; then 408
    std::chrono::seconds idle_timeout{75};   // between requests
    std::chrono::seconds write_timeout{30};  // for one write
    std::chrono::seconds drain_timeout{20};  // requests under way at stop
    Headers own_headers;                     // of answers that no handler made: 400, 408, 413, 431, 500
  };
  HttpServer(Executor executor, const Endpoint& listen, Handler handler, Log log);
  HttpServer(Executor executor, const Endpoint& listen, Handler handler, Log log, Options options);
  ~HttpServer();

  Endpoint endpoint() const;
  // Serves until cancelled; then stops accepting, lets requests under way finish (bounded), and returns.
  Task<> run();

 private:
  std::unique_ptr<ServerState> state_;
};

}  // namespace deis::net
