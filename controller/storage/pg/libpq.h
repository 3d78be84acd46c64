#pragma once
// What connection.cpp and pipeline.cpp share of libpq. Internal.

#include "controller/storage/pg/connection.h"
#include "core/net/watchdog.h"

#include <boost/asio/posix/stream_descriptor.hpp>
#include <libpq-fe.h>

#include <unistd.h>

namespace deis::pg {

inline PGconn* pg(void* connection) {
  return static_cast<PGconn*>(connection);
}

// The error that an answer of the server is.
std::exception_ptr failure_of(const PGresult* result);

// Asio waits on a duplicate of libpq's socket, so that each may close its own.
struct Connection::Socket {
  Socket(Executor executor, int fd)
      : descriptor(executor, ::dup(fd)), watchdog(executor, [this] { descriptor.cancel(); }) {}
  asio::posix::stream_descriptor descriptor;
  net::Watchdog watchdog;
};

}  // namespace deis::pg
