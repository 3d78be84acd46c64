#pragma once
// An IPv4 or IPv6 address range, "10.0.0.0/8" or "2001:db8::/32": what allow-lists are made of. parse() is
// the only way to make one. An address without a length is the range of that one address; bits behind the
// length are cleared, and an IPv4 address in IPv6 form (::ffff:10.0.0.1) is the IPv4 address.

#include <compare>
#include <string>
#include <string_view>

namespace deis {

class IpNetwork {
 public:
  // Throws Error{invalid} with what is wrong.
  static IpNetwork parse(std::string_view text);
  // The same, perhaps with a label behind a colon, which is dropped: "10.0.0.0/8:office",
  // "2001:db8::/32:vpn",
  // "[2001:db8::1]:vpn". What is an IPv6 address as a whole has no label.
  static IpNetwork parse_labelled(std::string_view text);

  std::string str() const;                             // canonical: "10.0.0.0/8"; one address has no length
  const std::string& bytes() const { return bytes_; }  // 4 or 16, network order
  int length() const { return length_; }               // of the prefix, in bits
  bool contains(const IpNetwork& other) const;
  auto operator<=>(const IpNetwork&) const = default;

 private:
  IpNetwork(std::string bytes, int length) : bytes_(std::move(bytes)), length_(length) {}
  std::string bytes_;
  int length_;
};

}  // namespace deis
