#include "core/net/reserved_port.h"

#include "core/base/error.h"

#include <cstring>
#include <netinet/in.h>
#include <random>
#include <string>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

namespace deis::test {
namespace {

// The kernel gives out none of these by itself (ip_local_port_range begins at 32768).
constexpr int kFirst = 20000, kLast = 31999;

// A name of the network namespace that at most one process has, until its descriptor is closed. -1: somebody
// has it.
int claim(int port) {
  const int descriptor = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (descriptor < 0) throw Error(ErrorCode::internal, "no socket to claim a port with");
  const std::string name = "deis-test-port-" + std::to_string(port);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::memcpy(address.sun_path + 1, name.data(), name.size());  // after a zero: no file
  const auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + 1 + name.size());
  if (::bind(descriptor, reinterpret_cast<const sockaddr*>(&address), size) == 0) return descriptor;
  ::close(descriptor);
  return -1;
}

// Of servers that know nothing of claims.
bool is_free(int port) {
  const int descriptor = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (descriptor < 0) return false;
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_ANY);
  const bool bound = ::bind(descriptor, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
  ::close(descriptor);
  return bound;
}

}  // namespace

ReservedPort::ReservedPort() {
  std::random_device random;
  const int count = kLast - kFirst + 1;
  const int begin = static_cast<int>(random() % static_cast<unsigned>(count));
  for (int i = 0; i < count; ++i) {
    const int port = kFirst + (begin + i) % count;
    claim_ = claim(port);
    if (claim_ >= 0 && is_free(port)) {
      number_ = static_cast<std::uint16_t>(port);
      return;
    }
    if (claim_ >= 0) ::close(claim_);
  }
  throw Error(ErrorCode::internal, "no port is free");
}

ReservedPort::~ReservedPort() {
  ::close(claim_);
}

}  // namespace deis::test
