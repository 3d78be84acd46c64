#include "controller/api/client_address.h"

#include "core/base/text.h"

#include <boost/asio/ip/address.hpp>

#include <optional>

namespace deis::controller::api {
namespace {

using boost::asio::ip::address;

// IPv4 in IPv6's clothes (::ffff:10.0.0.1) is IPv4.
std::optional<address> parse(std::string_view text) {
  boost::system::error_code error;
  const address parsed = boost::asio::ip::make_address(std::string(text), error);
  if (error) return std::nullopt;
  if (!parsed.is_v6() || !parsed.to_v6().is_v4_mapped()) return parsed;
  return boost::asio::ip::make_address_v4(boost::asio::ip::v4_mapped, parsed.to_v6());
}

// "127.0.0.1:51234" and "::1:51234"; "unix" has no port.
std::string_view without_port(std::string_view peer) {
  return peer.substr(0, peer.rfind(':'));
}

}  // namespace

std::string client_address(const net::Request& request) {
  const auto peer = parse(without_port(request.peer));
  if (!peer) return request.peer;
  const std::string forwarded = request.headers.get("X-Forwarded-For");
  if (peer->is_loopback() && !forwarded.empty()) {
    const auto client = parse(trim(split(forwarded, ',').back()));
    if (client) return client->to_string();
  }
  return peer->to_string();
}

}  // namespace deis::controller::api
