#include "router/request_lines.h"

#include <gtest/gtest.h>

namespace deis::router {
namespace {

TEST(RequestLine, has_the_app_in_front) {
  const auto [app, text] =
      split_request_line("<190>Nov 25 19:00:00 deis: shop 10.0.0.1 - 200 - \"GET / HTTP/1.1\"");
  EXPECT_EQ(app, "shop");
  EXPECT_EQ(text, "10.0.0.1 - 200 - \"GET / HTTP/1.1\"");
}

TEST(RequestLine, that_is_none_has_no_app) {
  for (const char* broken : {"", "shop", "<190>Nov 25 19:00:00 deis:", "<190>Nov 25 19:00:00 deis: shop"})
    EXPECT_EQ(split_request_line(broken).first, "") << broken;
}

}  // namespace
}  // namespace deis::router
