#include "core/base/ip_network.h"

#include "core/base/error.h"
#include "core/base/text.h"

#include <fmt/format.h>

#include <arpa/inet.h>
#include <optional>

namespace deis {
namespace {

constexpr std::size_t kLongest =
    64;  // more than any address; keeps what inet_pton reads and what we quote small
constexpr std::string_view kMapped("\0\0\0\0\0\0\0\0\0\0\xff\xff", 12);

std::optional<std::string> address_bytes(const std::string& text) {
  for (const int family : {AF_INET, AF_INET6}) {
    std::string bytes(family == AF_INET ? 4 : 16, '\0');
    if (inet_pton(family, text.c_str(), bytes.data()) == 1) return bytes;
  }
  return std::nullopt;
}

// "8"; not "+8", "08" or "".
std::optional<int> prefix_length(std::string_view text, int most) {
  const auto number = parse_int(text);
  if (!number || *number < 0 || *number > most || text != std::to_string(*number)) return std::nullopt;
  return static_cast<int>(*number);
}

void clear_behind(std::string& bytes, int length) {
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    const int kept = std::min(8, std::max(0, length - static_cast<int>(i) * 8));
    const auto mask = static_cast<unsigned char>(0xff00 >> kept);
    bytes[i] = static_cast<char>(static_cast<unsigned char>(bytes[i]) & mask);
  }
}

Error invalid(std::string_view text) {
  return Error(
      ErrorCode::invalid,
      fmt::format("'{}' is neither an IP address nor a range such as 10.0.0.0/8 or 2001:db8::/32", text));
}

}  // namespace

IpNetwork IpNetwork::parse(std::string_view text) {
  if (text.size() > kLongest || text.find('\0') != std::string_view::npos)
    throw invalid(to_valid_utf8(text.substr(0, kLongest)));
  const auto slash = text.find('/');
  auto bytes = address_bytes(std::string(text.substr(0, slash)));
  if (!bytes) throw invalid(to_valid_utf8(text));
  const int most = static_cast<int>(bytes->size()) * 8;
  const auto length = slash == std::string_view::npos ? most : prefix_length(text.substr(slash + 1), most);
  if (!length) throw invalid(to_valid_utf8(text));
  constexpr int mapped_bits = static_cast<int>(kMapped.size()) * 8;
  if (bytes->starts_with(kMapped) && *length >= mapped_bits) {
    std::string v4 = bytes->substr(kMapped.size());
    clear_behind(v4, *length - mapped_bits);
    return IpNetwork(std::move(v4), *length - mapped_bits);
  }
  clear_behind(*bytes, *length);
  return IpNetwork(std::move(*bytes), *length);
}

IpNetwork IpNetwork::parse_labelled(std::string_view text) {
  const auto close = text.find(']');
  if (text.starts_with('[') && close != std::string_view::npos) {
    const auto rest = text.substr(close + 1);  // a length may stand on either side of the bracket
    const auto colon = rest.find(':');
    return parse(std::string(text.substr(1, close - 1)) + std::string(rest.substr(0, colon)));
  }
  for (std::size_t end = text.size(); end != std::string_view::npos && end > 0 && text.size() <= 4 * kLongest;
       end = text.rfind(':', end - 1)) {
    try {
      return parse(trim(text.substr(0, end)));
    } catch (const Error&) {  // perhaps with less of it
    }
  }
  throw invalid(to_valid_utf8(text.substr(0, kLongest)));
}

std::string IpNetwork::str() const {
  char text[INET6_ADDRSTRLEN] = {};
  inet_ntop(bytes_.size() == 4 ? AF_INET : AF_INET6, bytes_.data(), text, sizeof text);
  if (length_ == static_cast<int>(bytes_.size()) * 8) return text;
  return fmt::format("{}/{}", text, length_);
}

bool IpNetwork::contains(const IpNetwork& other) const {
  if (other.bytes_.size() != bytes_.size() || other.length_ < length_) return false;
  std::string start = other.bytes_;
  clear_behind(start, length_);
  return start == bytes_;
}

}  // namespace deis
