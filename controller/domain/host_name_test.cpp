#include "controller/domain/host_name.h"

#include "core/base/error.h"

#include <gtest/gtest.h>

namespace deis::controller {
namespace {

TEST(HostName, IsTakenInEveryFormOfTheContract) {
  const std::string label(63, 'a');
  for (const std::string& name :
       {std::string("test-domain.example.com"),
        std::string("django.paas-sandbox"),
        std::string("domain"),
        label + ".com",
        std::string("3com.com"),
        std::string("w3.example.com"),
        std::string("MYDOMAIN.NET"),
        std::string("autotest.127.0.0.1.xip.io"),
        std::string("*.xip.io")}) {
    EXPECT_EQ(checked_host_name(name), name);
  }
  EXPECT_EQ(checked_host_name("trail.example.com."), "trail.example.com");
}

TEST(HostName, IsRefusedInEveryFormOfTheContract) {
  for (const std::string& name :
       {std::string("this_is_an.invalid.domain"),
        std::string("this-is-an.invalid.1"),
        std::string("django.pass--sandbox"),
        std::string("domain1"),
        std::string("3333.com"),
        std::string(64, 'a') + ".com",
        std::string("10.0.0.1"),
        std::string("-a.com"),
        std::string("a-.com"),
        std::string("x.com:80"),
        std::string("http://x.com"),
        std::string("gr\xc3\xbc\xc3\x9f.de"),
        std::string("foo.*.com"),
        std::string("*.example.com"),
        std::string("a..b"),
        std::string("a.com\n"),
        std::string("../xip.io/"),
        std::string(256, 'a'),
        std::string(".")}) {
    EXPECT_THROW(checked_host_name(name), Error) << name;
  }
}

}  // namespace
}  // namespace deis::controller
