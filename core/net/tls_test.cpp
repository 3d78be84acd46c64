#include "core/net/tls.h"

#include "core/base/error.h"
#include "core/net/co_test.h"
#include "core/net/task_group.h"

#include <boost/asio/this_coro.hpp>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <arpa/inet.h>
#include <csignal>
#include <fstream>
#include <memory>
#include <sys/socket.h>
#include <thread>
#include <unistd.h>

namespace deis::net {
namespace {

using namespace std::chrono_literals;

template <auto kFree>
struct Free {
  template <typename T>
  void operator()(T* object) const {
    kFree(object);
  }
};
using Key = std::unique_ptr<EVP_PKEY, Free<EVP_PKEY_free>>;
using Certificate = std::unique_ptr<X509, Free<X509_free>>;

Certificate self_signed(EVP_PKEY* key, const std::string& name) {
  Certificate certificate(X509_new());
  X509_set_version(certificate.get(), X509_VERSION_3);
  ASN1_INTEGER_set(X509_get_serialNumber(certificate.get()), 1);
  X509_gmtime_adj(X509_getm_notBefore(certificate.get()), -60);
  X509_gmtime_adj(X509_getm_notAfter(certificate.get()), 3600);
  X509_set_pubkey(certificate.get(), key);
  X509_NAME* subject = X509_get_subject_name(certificate.get());
  const auto* text = reinterpret_cast<const unsigned char*>(name.c_str());
  X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_UTF8, text, -1, -1, 0);
  X509_set_issuer_name(certificate.get(), subject);
  const std::string names = "DNS:" + name;
  X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, nullptr, NID_subject_alt_name, names.c_str());
  X509_add_ext(certificate.get(), extension, -1);
  X509_EXTENSION_free(extension);
  X509_sign(certificate.get(), key, EVP_sha256());
  return certificate;
}

// OpenSSL's own server, blocking, in a thread of its own: takes one connection and sends back what comes.
class EchoServer {
 public:
  explicit EchoServer(const std::string& name)
      : key_(EVP_EC_gen("P-256")), certificate_(self_signed(key_.get(), name)) {
    authorities_ = "/tmp/deis-tls-test-" + std::to_string(::getpid()) + ".pem";
    FILE* file = std::fopen(authorities_.c_str(), "w");
    PEM_write_X509(file, certificate_.get());
    std::fclose(file);
    listening_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof(address);
    ::bind(listening_, reinterpret_cast<sockaddr*>(&address), size);
    ::listen(listening_, 1);
    ::getsockname(listening_, reinterpret_cast<sockaddr*>(&address), &size);
    endpoint_ = Endpoint::tcp("localhost", ntohs(address.sin_port));
    thread_ = std::thread([this] { serve(); });
  }
  ~EchoServer() {
    ::shutdown(listening_, SHUT_RDWR);
    thread_.join();
    ::close(listening_);
    ::unlink(authorities_.c_str());
  }
  const Endpoint& endpoint() const { return endpoint_; }
  const std::string& authorities() const { return authorities_; }

 private:
  void serve() {
    sigset_t broken_pipe;  // a client that refuses us may be gone before we have said it all
    sigemptyset(&broken_pipe);
    sigaddset(&broken_pipe, SIGPIPE);
    ::pthread_sigmask(SIG_BLOCK, &broken_pipe, nullptr);
    const int accepted = ::accept(listening_, nullptr, nullptr);
    if (accepted < 0) return;
    const std::unique_ptr<SSL_CTX, Free<SSL_CTX_free>> context(SSL_CTX_new(TLS_server_method()));
    SSL_CTX_use_certificate(context.get(), certificate_.get());
    SSL_CTX_use_PrivateKey(context.get(), key_.get());
    const std::unique_ptr<SSL, Free<SSL_free>> session(SSL_new(context.get()));
    SSL_set_fd(session.get(), accepted);
    if (SSL_accept(session.get()) == 1) {
      char bytes[4096];
      for (int count; (count = SSL_read(session.get(), bytes, sizeof(bytes))) > 0;) {
        SSL_write(session.get(), bytes, count);
        SSL_key_update(session.get(), SSL_KEY_UPDATE_REQUESTED);  // so that reading has something to send
      }
    }
    SSL_shutdown(session.get());
    ::close(accepted);
  }

  Key key_;
  Certificate certificate_;
  std::string authorities_;
  int listening_ = -1;
  Endpoint endpoint_;
  std::thread thread_;
};

TlsOptions trusting(const EchoServer& server) {
  TlsOptions options;
  options.authorities = server.authorities();
  return options;
}

Task<> send_all(Stream& stream, std::string text) {
  co_await stream.write_all(text, in(5s));
}

CO_TEST(Tls, CarriesMuchBothWaysAtOnce) {
  EchoServer server("localhost");
  std::unique_ptr<Stream> stream = co_await tls_connect(server.endpoint(), trusting(server), in(5s));
  std::string sent;
  for (int i = 0; i < 100'000; ++i) sent += std::to_string(i);
  TaskGroup group(co_await asio::this_coro::executor);
  group.spawn(send_all(*stream, sent));
  std::string received;
  char bytes[1000];
  while (received.size() < sent.size()) {
    const std::size_t count = co_await stream->read_some(bytes, sizeof(bytes), in(5s));
    CO_ASSERT_TRUE(count > 0);
    received.append(bytes, count);
  }
  co_await group.join();
  EXPECT_EQ(received, sent);
  stream->close();
}

Task<ErrorCode> refusal(const EchoServer& server, TlsOptions options) {
  try {
    co_await tls_connect(server.endpoint(), std::move(options), in(5s));
  } catch (const Error& error) {
    co_return error.code();
  }
  co_return ErrorCode::internal;
}

CO_TEST(Tls, RefusesACertificateOfNobodyItKnows) {
  EchoServer server("localhost");
  const ErrorCode code = co_await refusal(server, TlsOptions());
  EXPECT_EQ(code, ErrorCode::forbidden);
}

CO_TEST(Tls, RefusesACertificateOfAnotherName) {
  EchoServer server("other.example.com");
  const ErrorCode code = co_await refusal(server, trusting(server));
  EXPECT_EQ(code, ErrorCode::forbidden);
}

CO_TEST(Tls, TakesAnyCertificateWhenItIsNotToCheck) {
  EchoServer server("other.example.com");
  TlsOptions options;
  options.verify = false;
  std::unique_ptr<Stream> stream = co_await tls_connect(server.endpoint(), std::move(options), in(5s));
  co_await stream->write_all("hello", in(5s));
  char bytes[5];
  const std::size_t count = co_await stream->read_some(bytes, sizeof(bytes), in(5s));
  EXPECT_EQ(std::string(bytes, count), "hello");
  stream->close();
}

Task<> say_nothing(std::unique_ptr<Stream> stream) {
  char bytes[1000];
  for (std::size_t count = 1; count > 0;) count = co_await stream->read_some(bytes, sizeof(bytes), in(1h));
}

Task<> hang_up(std::unique_ptr<Stream> stream) {
  co_await stream->write_all("HTTP/1.1 400 Bad Request\r\n\r\n", in(5s));
  stream->close();
}

CO_TEST(Tls, EndsAtTheDeadlineAndAtAServerWithoutTls) {
  const Executor executor = co_await asio::this_coro::executor;
  TaskGroup group(executor);
  for (const auto& [serve, expected] :
       {std::pair(&say_nothing, ErrorCode::timeout), std::pair(&hang_up, ErrorCode::unavailable)}) {
    Listener listener(executor, Endpoint::tcp("127.0.0.1", 0));
    group.spawn(listener.run(serve));
    ErrorCode code = ErrorCode::internal;
    try {
      co_await tls_connect(listener.endpoint(), TlsOptions(), in(200ms));
    } catch (const Error& error) {
      code = error.code();
    }
    EXPECT_EQ(code, expected);
    group.cancel();
    co_await group.join();
  }
}

}  // namespace
}  // namespace deis::net
