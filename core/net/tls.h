#pragma once
// TLS client over any Stream: the certificate is checked against the system's authorities and the host's name
// unless that is switched off. Not Asio's: its OpenSSL set-up runs at every program start.

#include "core/net/stream.h"

#include <memory>
#include <string>

namespace deis::net {

struct TlsOptions {
  bool verify = true;
  std::string authorities;  // PEM file instead of the system's; "" means the system's (and SSL_CERT_FILE)
};

// Shakes hands as a client that wants `host`. Throws Error{forbidden} when the certificate is not to be
// trusted (the text says why), Error{unavailable} when the peer does not speak TLS, Error{timeout}.
Task<std::unique_ptr<Stream>> tls_client(
    std::unique_ptr<Stream> under, std::string host, TlsOptions options, Deadline deadline);

// connect() and tls_client().
Task<std::unique_ptr<Stream>> tls_connect(Endpoint endpoint, TlsOptions options, Deadline deadline);

}  // namespace deis::net
