#include "core/base/error.h"
#include "core/base/excerpt.h"
#include "core/base/text.h"
#include "core/net/stream.h"

#include <fmt/format.h>

namespace deis::net {

Endpoint Endpoint::parse(std::string_view text) {
  const auto bad = [&](std::string_view why) {
    return Error(
        ErrorCode::invalid,
        fmt::format("'{}' is not an address like tcp://host:port or unix:///path: {}", excerpt(text), why));
  };
  const auto scheme_end = text.find("://");
  if (scheme_end == std::string_view::npos) throw bad("no scheme");
  const auto scheme = text.substr(0, scheme_end);
  auto rest = text.substr(scheme_end + 3);
  if (scheme == "unix") {
    if (rest.empty() || rest.front() != '/') throw bad("the path must be absolute");
    return unix_socket(std::string(rest));
  }
  if (scheme != "tcp" && scheme != "http") throw bad("unknown scheme");
  rest = rest.substr(0, rest.find('/'));
  std::string_view host = rest, port;
  if (!rest.empty() && rest.front() == '[') {
    const auto close = rest.find(']');
    if (close == std::string_view::npos) throw bad("no ] behind the IPv6 address");
    host = rest.substr(1, close - 1);
    if (close + 1 < rest.size() && rest[close + 1] != ':') throw bad("no ':' behind the IPv6 address");
    if (close + 1 < rest.size()) port = rest.substr(close + 2);
  } else if (const auto colon = rest.rfind(':'); colon != std::string_view::npos) {
    host = rest.substr(0, colon);
    port = rest.substr(colon + 1);
  }
  if (host.empty()) throw bad("no host");
  constexpr std::string_view kHost = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_:%";
  if (host.find_first_not_of(kHost) != std::string_view::npos) throw bad("the host holds other characters");
  if (port.empty() && scheme == "http") port = "80";
  const auto number = parse_int(port);
  if (!number || *number < 0 || *number > 65535) throw bad("the port must be 0-65535");
  return tcp(std::string(host), static_cast<std::uint16_t>(*number));
}

Endpoint Endpoint::tcp(std::string host, std::uint16_t port) {
  return Endpoint{.is_unix = false, .host = std::move(host), .port = port};
}

Endpoint Endpoint::unix_socket(std::string path) {
  return Endpoint{.is_unix = true, .host = std::move(path), .port = 0};
}

std::string Endpoint::str() const {
  if (is_unix) return "unix://" + host;
  return host.find(':') == std::string::npos ? fmt::format("tcp://{}:{}", host, port)
                                             : fmt::format("tcp://[{}]:{}", host, port);
}

}  // namespace deis::net
