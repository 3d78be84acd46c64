#include "controller/acme/problem.h"

#include <gtest/gtest.h>

namespace deis::controller::acme {
namespace {

using namespace std::chrono_literals;

const SystemTime kNow = SystemTime(std::chrono::seconds(1'790'000'000));  // Mon, 21 Sep 2026 14:13:20 GMT

TEST(Problem, IsReadFromItsDocument) {
  const Problem problem = read_problem(
      R"({"type":"urn:ietf:params:acme:error:rateLimited","detail":"too many\nfailed authorizations","status":429})");
  EXPECT_EQ(problem.type, "rateLimited");
  EXPECT_EQ(problem.detail, "too many failed authorizations");
}

TEST(Problem, IsWhateverTheBodySaysWhenItIsNoDocument) {
  EXPECT_EQ(read_problem("<h1>502 Bad Gateway</h1>\r\n").detail, "<h1>502 Bad Gateway</h1>");
  EXPECT_EQ(read_problem(std::string(10'000, 'x')).detail.size(), 400u);
  EXPECT_EQ(read_problem("").detail, "");
  EXPECT_EQ(read_problem("[1]").detail, "[1]");
}

TEST(Problem, OfAChallengeIsInTheLineOfItsError) {
  const Problem problem = read_challenge(
      "[\"status\"]\t\"invalid\"\n[\"error\",\"type\"]\t\"x\"\n[\"error\"]\t{\"type\":"
      "\"urn:ietf:params:acme:error:connection\",\"detail\":\"connection refused\"}");
  EXPECT_EQ(problem.type, "connection");
  EXPECT_EQ(problem.detail, "connection refused");
  EXPECT_EQ(read_challenge("[\"status\"]\t\"invalid\"").detail, "the authority gave no reason");
}

TEST(RetryAfter, IsSecondsOrADateAndAtMostAWeekAhead) {
  EXPECT_EQ(read_retry_after("HTTP/2 429\r\nRetry-After: 3600\r\n", kNow), kNow + 1h);
  EXPECT_EQ(read_retry_after("retry-after:60", kNow), kNow + 60s);
  EXPECT_EQ(read_retry_after("retry-after: Mon, 21 Sep 2026 15:13:20 GMT\r\n", kNow), kNow + 1h);
  EXPECT_EQ(read_retry_after("retry-after: 9223372036854775807", kNow), kNow + 7 * 24h);
  EXPECT_EQ(read_retry_after("retry-after: Mon, 21 Sep 9999 15:13:20 GMT", kNow), kNow + 7 * 24h);
  EXPECT_EQ(read_retry_after("retry-after: -5", kNow), kNow);
  EXPECT_EQ(read_retry_after("retry-after: soon", kNow), std::nullopt);
  EXPECT_EQ(read_retry_after("", kNow), std::nullopt);
}

}  // namespace
}  // namespace deis::controller::acme
