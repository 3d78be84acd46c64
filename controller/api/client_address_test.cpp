#include "controller/api/client_address.h"

#include <gtest/gtest.h>

namespace deis::controller::api {
namespace {

std::string address_of(const std::string& peer, const std::string& forwarded) {
  net::Request request;
  request.peer = peer;
  if (!forwarded.empty()) request.headers.set("X-Forwarded-For", forwarded);
  return client_address(request);
}

TEST(ClientAddress, IsThePeers) {
  EXPECT_EQ(address_of("10.0.0.7:4711", ""), "10.0.0.7");
  EXPECT_EQ(address_of("2001:db8::1:4711", ""), "2001:db8::1");
  EXPECT_EQ(address_of("::ffff:10.0.0.7:4711", ""), "10.0.0.7");
  EXPECT_EQ(address_of("unix", ""), "unix");
}

TEST(ClientAddress, IsWhatTheRouterSawWhenTheRouterAsks) {
  EXPECT_EQ(address_of("127.0.0.1:4711", "10.0.0.7"), "10.0.0.7");
  EXPECT_EQ(address_of("::1:4711", "2001:db8::1"), "2001:db8::1");
  EXPECT_EQ(address_of("127.0.0.1:4711", "6.6.6.6, 10.0.0.7"), "10.0.0.7");
  EXPECT_EQ(address_of("127.0.0.1:4711", "nonsense"), "127.0.0.1");
}

TEST(ClientAddress, IsNotWhatAnybodyElseClaims) {
  EXPECT_EQ(address_of("10.0.0.7:4711", "6.6.6.6"), "10.0.0.7");
}

}  // namespace
}  // namespace deis::controller::api
