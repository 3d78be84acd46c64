#pragma once
// A byte stream over TCP or a unix socket, behind one virtual interface so that HTTP, Docker's hijacked
// connections and log shipping share one path and Asio's sockets stay in one source file.
// One reader and one writer at a time. Every operation has a deadline: when it passes the stream is closed
// and the operation throws Error{timeout}. Peer gone: Error{unavailable}. Cancelled: Error{canceled}. Loop
// thread only.

#include "core/net/task.h"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace deis::net {

// "tcp://127.0.0.1:8000" or "unix:///var/run/docker.sock" (http:// is taken as tcp://, default port 80).
// Names under .localhost are loopback without a look-up (RFC 6761 §6.3).
struct Endpoint {
  bool is_unix = false;
  std::string host;  // host name or address; the path for a unix socket
  std::uint16_t port = 0;

  static Endpoint parse(std::string_view text);  // throws Error invalid
  static Endpoint tcp(std::string host, std::uint16_t port);
  static Endpoint unix_socket(std::string path);
  std::string str() const;
  bool operator==(const Endpoint&) const = default;
};

class Stream {
 public:
  virtual ~Stream() = default;
  // Up to `size` bytes into `data`; 0 is the end of the stream.
  virtual Task<std::size_t> read_some(char* data, std::size_t size, Deadline deadline) = 0;
  // The same, but when nothing has come by the deadline the answer is nullopt and the stream stays usable. No
  // write may be under way. A stream that cannot do this closes as read_some() does.
  virtual Task<std::optional<std::size_t>> read_before(char* data, std::size_t size, Deadline deadline);
  virtual Task<> write_all(std::string_view data, Deadline deadline) = 0;
  virtual void shutdown_write() = 0;  // end of input for a hijacked exec
  virtual void close() = 0;           // idempotent; operations under way fail
  // Whether an idle connection is still good: the peer has neither closed it nor sent anything. Does not
  // block.
  virtual bool is_idle() = 0;
  virtual std::string peer() const = 0;  // "127.0.0.1:51234", for logs; "unix" for unix sockets
};

// Throws Error{unavailable} naming the endpoint, Error{timeout}. Name look-ups run on a helper thread.
Task<std::unique_ptr<Stream>> connect(Endpoint endpoint, Deadline deadline);

// Accepts connections until stopped; each is handed to `serve` as a child of the listener's group.
class Listener {
 public:
  using Serve = std::function<Task<>(std::unique_ptr<Stream>)>;
  // Binds at once: throws Error{unavailable} "cannot listen on ...: address already in use". Port 0 picks
  // one. A stale unix socket file is replaced; mode is 0600 unless given.
  Listener(Executor executor, const Endpoint& endpoint, unsigned unix_mode = 0600);
  ~Listener();
  Endpoint endpoint() const;  // with the port that was picked
  // Accepts until cancelled, then stops accepting and waits for the connections. `max_connections` bounds
  // them (further clients wait in the kernel's queue).
  Task<> run(Serve serve, std::size_t max_connections = 1024);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace deis::net
