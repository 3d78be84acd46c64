#include "controller/api/credentials.h"

#include "core/base/error.h"

#include <gtest/gtest.h>

namespace deis::controller::api {
namespace {

net::Request with(const std::string& name, const std::string& value) {
  net::Request request;
  request.headers.set(name, value);
  return request;
}

std::string problem_with(const std::string& authorization) {
  try {
    required_token(with("Authorization", authorization));
  } catch (const Error& error) {
    return error.what();
  }
  return "";
}

TEST(Token, StandsBehindItsSchemeInAnyCase) {
  const std::string token(40, 'a');
  for (const char* scheme : {"token ", "Token ", "TOKEN  "})
    EXPECT_EQ(required_token(with("Authorization", scheme + token)), token);
}

TEST(Token, ThatIsNoneIsToldWithTheWordsOfTheContract) {
  for (const char* other : {"", "Basic YTpi", "Bearer abc"})
    EXPECT_EQ(problem_with(other), "Authentication credentials were not provided.");
  EXPECT_EQ(problem_with("token"), "Invalid token header. No credentials provided.");
  EXPECT_EQ(problem_with("token a b"), "Invalid token header. Token string should not contain spaces.");
  EXPECT_EQ(problem_with("token \xff"), "Invalid token");
}

TEST(Accept, AdmitsJsonUnlessItSaysOtherwise) {
  for (const char* good :
       {"",
        "*/*",
        "application/*",
        "application/json",
        "text/html, application/json;q=0.5",
        "Application/JSON; indent=4"})
    EXPECT_TRUE(accepts(with("Accept", good), "application/json")) << good;
  for (const char* bad : {"text/html", "application/xml", "text/*", "application/json;q=0", "*/*; q=0.0"})
    EXPECT_FALSE(accepts(with("Accept", bad), "application/json")) << bad;
}

TEST(ClientVersion, IsOneOrNotTold) {
  EXPECT_TRUE(has_matching_version(net::Request()));
  EXPECT_TRUE(has_matching_version(with("Deis-Version", "1")));
  for (const char* bad : {"1.7", "2", "", "1234.5678"})
    EXPECT_FALSE(has_matching_version(with("Deis-Version", bad))) << bad;
}

}  // namespace
}  // namespace deis::controller::api
