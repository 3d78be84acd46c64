#include "core/base/ip_network.h"

#include "core/base/error.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>

namespace deis {
namespace {

std::string canonical(std::string_view text) {
  return IpNetwork::parse(text).str();
}

TEST(IpNetwork, IsShownInOneFormHoweverItIsWritten) {
  EXPECT_EQ(canonical("10.1.2.3"), "10.1.2.3");
  EXPECT_EQ(canonical("10.1.2.3/32"), "10.1.2.3");
  EXPECT_EQ(canonical("10.1.2.3/8"), "10.0.0.0/8");
  EXPECT_EQ(canonical("0.0.0.0/0"), "0.0.0.0/0");
  EXPECT_EQ(canonical("2001:0DB8:0:0::1"), "2001:db8::1");
  EXPECT_EQ(canonical("2001:db8:ffff::/33"), "2001:db8:8000::/33");
  EXPECT_EQ(canonical("::/0"), "::/0");
}

TEST(IpNetwork, MayHaveALabelThatIsDropped) {
  const auto labelled = [](std::string_view text) { return IpNetwork::parse_labelled(text).str(); };
  EXPECT_EQ(labelled("10.0.0.0/8"), "10.0.0.0/8");
  EXPECT_EQ(labelled("10.0.0.0/8:office"), "10.0.0.0/8");
  EXPECT_EQ(labelled("192.168.1.1:home:old"), "192.168.1.1");
  EXPECT_EQ(labelled("2001:db8::/32"), "2001:db8::/32");
  EXPECT_EQ(labelled("2001:db8::/32:vpn"), "2001:db8::/32");
  EXPECT_EQ(labelled("[2001:db8::1]"), "2001:db8::1");
  EXPECT_EQ(labelled("[2001:db8::1]:vpn"), "2001:db8::1");
  EXPECT_EQ(labelled("[2001:db8::]/32:vpn"), "2001:db8::/32");
  EXPECT_EQ(labelled("[2001:db8::/32]:vpn"), "2001:db8::/32");
  EXPECT_EQ(labelled("2001:db8::1:cafe"), "2001:db8::1:cafe") << "an address as a whole has no label";
  for (const auto* bad : {"", "office", ":x", "[]", "[office]:x", "[::1", "10.0.0.256:x", "10.0.0.0/33:x"})
    EXPECT_THROW(IpNetwork::parse_labelled(bad), Error) << bad;
}

TEST(IpNetwork, AnIpv4AddressInIpv6FormIsTheIpv4Address) {
  EXPECT_EQ(canonical("::ffff:10.0.0.1"), "10.0.0.1");
  EXPECT_EQ(canonical("::ffff:10.0.0.0/104"), "10.0.0.0/8");
  EXPECT_EQ(canonical("::ffff:0:0/95"), "::fffe:0:0/95");  // more than the IPv4 addresses
}

TEST(IpNetwork, RefusesWhatIsNone) {
  for (const std::string text :
       {"",
        "/",
        "/8",
        "10.0.0",
        "10.0.0.256",
        "010.0.0.1",
        "10.0.0.0/33",
        "10.0.0.0/-1",
        "10.0.0.0/+8",
        "10.0.0.0/08",
        "10.0.0.0/",
        "10.0.0.0/8/8",
        " 10.0.0.1",
        "10.0.0.1 ",
        "::/129",
        ":::",
        "fe80::1%eth0",
        "example.com",
        "0x0a.0.0.1"}) {
    EXPECT_THROW(IpNetwork::parse(text), Error) << text;
  }
  EXPECT_THROW(IpNetwork::parse(std::string("10.0.0.1\0", 9)), Error);
  EXPECT_THROW(IpNetwork::parse(std::string(10'000, '1')), Error);
}

TEST(IpNetwork, ContainsAddressesAndSmallerRanges) {
  const auto ten = IpNetwork::parse("10.0.0.0/8");
  EXPECT_TRUE(ten.contains(IpNetwork::parse("10.255.0.1")));
  EXPECT_TRUE(ten.contains(ten));
  EXPECT_FALSE(ten.contains(IpNetwork::parse("11.0.0.0")));
  EXPECT_FALSE(ten.contains(IpNetwork::parse("8.0.0.0/7")));
  EXPECT_FALSE(IpNetwork::parse("::/0").contains(ten));
}

TEST(IpNetwork, ReadsWhatItShowsAndContainsWhatItWasMadeFrom) {
  EXPECT_TRUE(rc::check("round trip", [] {
    const bool v6 = *rc::gen::arbitrary<bool>();
    std::string text;
    for (int i = 0; i < (v6 ? 8 : 4); ++i) {
      if (i > 0) text += v6 ? ":" : ".";
      text +=
          v6 ? "fc" + std::to_string(*rc::gen::inRange(10, 99)) : std::to_string(*rc::gen::inRange(0, 256));
    }
    const auto network = IpNetwork::parse(text + "/" + std::to_string(*rc::gen::inRange(0, v6 ? 129 : 33)));
    RC_ASSERT(IpNetwork::parse(network.str()) == network);
    RC_ASSERT(network.contains(IpNetwork::parse(text)));
  }));
}

}  // namespace
}  // namespace deis
