#include "core/net/tls.h"

#include "core/base/error.h"

#include <boost/asio/ip/address.hpp>
#include <fmt/format.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <array>
#include <unistd.h>
#include <utility>

namespace deis::net {
namespace {

constexpr std::size_t kPiece = 16 * 1024;  // one record

struct FreeContext {
  void operator()(SSL_CTX* context) const { SSL_CTX_free(context); }
};
struct FreeSsl {
  void operator()(SSL* ssl) const { SSL_free(ssl); }
};
using Context = std::unique_ptr<SSL_CTX, FreeContext>;
using Session = std::unique_ptr<SSL, FreeSsl>;

std::string openssl_reason() {
  const unsigned long code = ERR_get_error();
  ERR_clear_error();
  const char* reason = code ? ERR_reason_error_string(code) : nullptr;
  return reason ? reason : "the connection was closed";
}

bool is_address(const std::string& host) {
  boost::system::error_code error;
  asio::ip::make_address(host, error);
  return !error;
}

// A program that brings OpenSSL along looks where its Debian keeps them; other systems keep them elsewhere.
bool load_system_authorities(SSL_CTX* context) {
  if (SSL_CTX_set_default_verify_paths(context) != 1) return false;
  for (const char* bundle :
       {"/etc/pki/tls/certs/ca-bundle.crt", "/etc/ssl/ca-bundle.pem", "/etc/ssl/cert.pem"}) {
    if (::access(bundle, R_OK) == 0 && SSL_CTX_load_verify_file(context, bundle) == 1) break;
  }
  ERR_clear_error();
  return true;
}

Context make_context(const TlsOptions& options) {
  Context context(SSL_CTX_new(TLS_client_method()));
  if (!context) throw Error(ErrorCode::internal, "cannot set up TLS: " + openssl_reason());
  SSL_CTX_set_min_proto_version(context.get(), TLS1_2_VERSION);
  SSL_CTX_set_verify(context.get(), options.verify ? SSL_VERIFY_PEER : SSL_VERIFY_NONE, nullptr);
  if (!options.verify) return context;
  const bool loaded = options.authorities.empty()
                          ? load_system_authorities(context.get())
                          : SSL_CTX_load_verify_file(context.get(), options.authorities.c_str()) == 1;
  if (!loaded) {
    throw Error(
        ErrorCode::invalid,
        fmt::format("cannot read the certificate authorities {}: {}", options.authorities, openssl_reason()));
  }
  return context;
}

Session make_session(SSL_CTX* context, const std::string& host, bool verify) {
  Session session(SSL_new(context));
  if (!session) throw Error(ErrorCode::internal, "cannot set up TLS: " + openssl_reason());
  SSL_set_bio(session.get(), BIO_new(BIO_s_mem()), BIO_new(BIO_s_mem()));
  SSL_set_connect_state(session.get());
  if (is_address(host)) {
    if (verify) X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(session.get()), host.c_str());
  } else {
    SSL_set_tlsext_host_name(session.get(), host.c_str());
    if (verify) SSL_set1_host(session.get(), host.c_str());
  }
  return session;
}

// Records pass through two memory buffers: what the peer sent goes into one, what is to be sent comes out of
// the other. Reading may have something to send (TLS 1.3 key updates), so both directions flush; whoever
// flushes goes on until nothing is left, and the other one does not wait.
class TlsStream : public Stream {
 public:
  TlsStream(std::unique_ptr<Stream> under, std::string host, Context context, Session session)
      : under_(std::move(under)),
        host_(std::move(host)),
        context_(std::move(context)),
        session_(std::move(session)) {}

  Task<> shake_hands(Deadline deadline) {
    for (;;) {
      ERR_clear_error();
      const int result = SSL_do_handshake(session_.get());
      const int error = SSL_get_error(session_.get(), result);
      const std::string reason = result == 1 || error == SSL_ERROR_WANT_READ ? "" : openssl_reason();
      if (result == 1 || error == SSL_ERROR_WANT_READ || error == SSL_ERROR_SSL) co_await flush(deadline);
      if (result == 1) co_return;
      if (error != SSL_ERROR_WANT_READ) throw handshake_error(reason);
      const bool more = co_await receive(deadline);
      if (!more) throw handshake_error("the connection was closed");
    }
  }

  Task<std::size_t> read_some(char* data, std::size_t size, Deadline deadline) override {
    for (;;) {
      ERR_clear_error();
      std::size_t count = 0;
      const int result = SSL_read_ex(session_.get(), data, size, &count);
      if (result == 1) co_return count;
      const int error = SSL_get_error(session_.get(), result);
      if (error == SSL_ERROR_ZERO_RETURN) co_return 0;
      if (error != SSL_ERROR_WANT_READ) throw broken("read from");
      co_await flush(deadline);
      const bool more = co_await receive(deadline);
      // Without the closing record the data may have been cut by somebody else.
      if (!more) throw Error(ErrorCode::unavailable, fmt::format("{} broke the TLS connection off", peer()));
    }
  }

  Task<> write_all(std::string_view data, Deadline deadline) override {
    while (!data.empty()) {
      ERR_clear_error();
      std::size_t count = 0;
      const std::size_t piece = std::min(data.size(), kPiece);
      if (SSL_write_ex(session_.get(), data.data(), piece, &count) != 1) throw broken("write to");
      data.remove_prefix(count);
      co_await flush(deadline);
    }
  }

  // The closing record needs a write; the half-closed TCP connection says the same to every server.
  void shutdown_write() override { under_->shutdown_write(); }
  void close() override { under_->close(); }
  bool is_idle() override { return SSL_pending(session_.get()) == 0 && under_->is_idle(); }
  std::string peer() const override { return under_->peer(); }

 private:
  Task<bool> receive(Deadline deadline) {
    std::array<char, kPiece> piece;
    const std::size_t count = co_await under_->read_some(piece.data(), piece.size(), deadline);
    if (count > 0) BIO_write(SSL_get_rbio(session_.get()), piece.data(), static_cast<int>(count));
    co_return count > 0;
  }

  Task<> flush(Deadline deadline) {
    if (flushing_) co_return;
    flushing_ = true;
    std::exception_ptr failure;
    try {
      std::array<char, kPiece> piece;
      for (;;) {
        const int count =
            BIO_read(SSL_get_wbio(session_.get()), piece.data(), static_cast<int>(piece.size()));
        if (count <= 0) break;
        co_await under_->write_all(std::string_view(piece.data(), static_cast<std::size_t>(count)), deadline);
      }
    } catch (...) {
      failure = std::current_exception();
    }
    flushing_ = false;
    if (failure) std::rethrow_exception(failure);
  }

  Error handshake_error(const std::string& reason) const {
    const long verdict = SSL_get_verify_result(session_.get());
    if (verdict != X509_V_OK) {
      return Error(
          ErrorCode::forbidden,
          fmt::format(
              "the certificate of {} cannot be trusted: {}", host_, X509_verify_cert_error_string(verdict)));
    }
    return Error(ErrorCode::unavailable, fmt::format("no TLS with {} ({}): {}", host_, peer(), reason));
  }

  Error broken(std::string_view what) const {
    return Error(
        ErrorCode::unavailable, fmt::format("cannot {} {} by TLS: {}", what, peer(), openssl_reason()));
  }

  std::unique_ptr<Stream> under_;
  std::string host_;
  Context context_;
  Session session_;
  bool flushing_ = false;
};

}  // namespace

Task<std::unique_ptr<Stream>> tls_client(
    std::unique_ptr<Stream> under, std::string host, TlsOptions options, Deadline deadline) {
  Context context = make_context(options);
  Session session = make_session(context.get(), host, options.verify);
  auto stream =
      std::make_unique<TlsStream>(std::move(under), std::move(host), std::move(context), std::move(session));
  co_await stream->shake_hands(deadline);
  co_return stream;
}

Task<std::unique_ptr<Stream>> tls_connect(Endpoint endpoint, TlsOptions options, Deadline deadline) {
  std::unique_ptr<Stream> under = co_await connect(endpoint, deadline);
  co_return co_await tls_client(std::move(under), endpoint.host, std::move(options), deadline);
}

}  // namespace deis::net
