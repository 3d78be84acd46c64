#include "router/ports.h"

#include "core/base/text.h"

#include <cerrno>
#include <filesystem>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

namespace deis::router {

bool has_ipv6() {
  return std::filesystem::exists("/proc/net/if_inet6");
}

bool port_is_taken(const std::string& port) {
  const auto number = parse_int(port);
  const int socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (!number || socket < 0) return false;
  const int on = 1;  // connections that are just ending do not count
  ::setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = INADDR_ANY;
  address.sin_port = htons(static_cast<std::uint16_t>(*number));
  const bool bound = ::bind(socket, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
  const bool taken = !bound && errno == EADDRINUSE;
  ::close(socket);
  return taken;
}

}  // namespace deis::router
