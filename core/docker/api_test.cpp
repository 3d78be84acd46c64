#include "core/docker/api.h"

#include <gtest/gtest.h>

namespace deis::docker {
namespace {

ErrorCode kind(int status, const std::string& body) {
  return refusal("/services/create", status, body).code();
}

TEST(Refusal, OfASwarmThatDoesNotAnswerInTimeIsUnavailable) {
  for (const std::string body :
       {R"({"message":"rpc error: code = DeadlineExceeded desc = context deadline exceeded"})",
        R"({"message":"rpc error: code = Canceled desc = context canceled"})",
        R"({"message":"rpc error: code = Aborted desc = dispatcher is stopped"})"}) {
    EXPECT_EQ(kind(500, body), ErrorCode::unavailable) << body;
  }
}

TEST(Refusal, OfAnEngineThatStopsOrIsNoManagerIsUnavailable) {
  EXPECT_EQ(
      kind(
          500,
          R"({"message":"containerd: connection error: desc = \"transport: error while dialing: dial unix\""})"),
      ErrorCode::unavailable);
  EXPECT_EQ(kind(503, R"({"message":"This node is not a swarm manager."})"), ErrorCode::unavailable);
  EXPECT_EQ(kind(502, "Bad Gateway"), ErrorCode::unavailable);
}

TEST(Refusal, SaysWhyAContainerCannotBeStarted) {
  const Error error = refusal(
      "/containers/0a1b/start",
      500,
      R"({"message":"OCI runtime create failed: container_linux.go:380: starting container process caused: process_linux.go:545: container init caused: setting cgroup config for procHooks process caused: unable to set memory limit"})"
      "\n");
  EXPECT_EQ(error.code(), ErrorCode::unavailable);
  const std::string text = error.what();
  EXPECT_TRUE(text.starts_with("Docker Engine: OCI runtime create failed: ")) << text;
  EXPECT_TRUE(text.ends_with("unable to set memory limit (/containers/0a1b/start)")) << text;
}

TEST(Refusal, OfWhatTheCallerAskedForKeepsItsKind) {
  EXPECT_EQ(kind(400, R"({"message":"invalid reference format"})"), ErrorCode::invalid);
  EXPECT_EQ(kind(404, R"({"message":"No such image: shop:git-1"})"), ErrorCode::not_found);
  EXPECT_EQ(
      kind(409, R"({"message":"rpc error: code = AlreadyExists desc = name conflicts"})"),
      ErrorCode::conflict);
  EXPECT_EQ(
      kind(501, R"({"message":"rpc error: code = Unimplemented desc = not here"})"), ErrorCode::internal);
}

TEST(Refusal, OfAnUpdateThatSomebodyElseOvertookIsAConflict) {
  EXPECT_EQ(
      kind(500, R"({"message":"rpc error: code = Unknown desc = update out of sequence"})"),
      ErrorCode::conflict);
}

TEST(Refusal, ThatIsNoJsonIsItsOwnMessage) {
  EXPECT_EQ(
      std::string(refusal("/info", 500, "dial tcp: refused\n").what()),
      "Docker Engine: dial tcp: refused (/info)");
}

}  // namespace
}  // namespace deis::docker
