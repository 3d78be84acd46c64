// Output forms (contract api.md §8.4) and what is read from answers and files.

#include "cli/output.h"

#include "cli/api.h"
#include "cli/attached.h"
#include "cli/dotenv.h"
#include "cli/events.h"
#include "cli/git.h"
#include "cli/log_lines.h"
#include "cli/public_key.h"
#include "cli/release_diff.h"
#include "cli/url.h"
#include "core/base/error.h"
#include "core/json/json.h"

#include <gmock/gmock.h>

namespace deis::cli {
namespace {

using testing::ElementsAre;
using testing::EndsWith;
using testing::HasSubstr;

TEST(Output, HeadersSayWhenThePageIsNotAll) {
  EXPECT_EQ(header("Apps", 1, 3), "=== Apps (1 of 3)\n");
  EXPECT_EQ(header("Apps", 3, 3), "=== Apps\n");
}

TEST(Output, PairsArePaddedToTheLongestKey) {
  EXPECT_EQ(padded({{"web", "1G"}, {"worker", "512M"}}, 5), "web        1G\nworker     512M\n");
  EXPECT_EQ(padded({}, 5), "");
  EXPECT_EQ(labelled("uuid", "x"), "uuid:     x\n");
}

TEST(Output, ReleasesAreAlignedByTabs) {
  EXPECT_EQ(tabbed({{"v2", "2026-11-25T15:00:00UTC", "x"}}), "v2\t2026-11-25T15:00:00UTC\tx\n");
  EXPECT_EQ(tabbed({{"v12345678", "a", "x"}, {"v1", "a", "y"}}), "v12345678\ta\tx\nv1\t\ta\ty\n");
}

TEST(Output, ColumnsCountCharactersNotBytes) {
  EXPECT_EQ(columns({{"A", "B"}, {"ü", "x"}, {"long", ""}}), "A     B\nü     x\nlong\n");
}

TEST(Output, JsonIsIndented) {
  const json::value value = json::parse(R"({"a":[1,{"b":null}],"c":{},"d":"x\ny"})");
  EXPECT_EQ(
      pretty(value),
      "{\n  \"a\": [\n    1,\n    {\n      \"b\": null\n    }\n  ],\n  \"c\": {},\n  \"d\": \"x\\ny\"\n}\n");
}

TEST(Output, AnswersThatAreNotWhatTheyShouldBeAreNamed) {
  const json::value answer = json::parse(R"({"results":7,"count":"x"})");
  EXPECT_THROW(results_of(answer), Error);
  EXPECT_THROW(count_of(answer), Error);
  EXPECT_THROW(object_in(json::value(3), "values"), Error);
  EXPECT_TRUE(texts_in(json::parse(R"({"memory":null})"), "memory").empty());
  EXPECT_EQ(text_of(json::parse(R"({"a":5})"), "a"), "5");
}

TEST(ApiError, IsShownAsTheContractHasIt) {
  EXPECT_EQ(
      shown_error({404, "NOT FOUND", {}, R"({"detail":"Not found"})"}),
      "\n404 NOT FOUND\ndetail: Not found\n");
  EXPECT_EQ(
      shown_error({400, "BAD REQUEST", {}, R"({"id":["one","two"]})"}),
      "\n400 BAD REQUEST\nid: one\nid: two\n");
}

TEST(ApiError, OfAProxyIsShownWithoutWhatATerminalWouldActOn) {
  const std::string shown = shown_error({502, "Bad Gateway", {}, "<html>\x1b[2Jno\a</html>"});
  EXPECT_THAT(shown, HasSubstr("\n502 Bad Gateway\n<html>[2Jno</html>\n"));
  EXPECT_THAT(shown, EndsWith("Try again in a moment.\n"));
  net::Headers wait{{"Retry-After", "7"}};
  EXPECT_THAT(
      shown_error({429, "TOO MANY REQUESTS", wait, R"({"detail":"slow down"})"}),
      EndsWith("Try again in 7 s.\n"));
}

TEST(ControllerUrl, TakesSchemeHostAndPort) {
  EXPECT_EQ(ControllerUrl::parse("http://deis.example.com/v1/").str(), "http://deis.example.com");
  EXPECT_EQ(ControllerUrl::parse("HTTPS://deis.example.com:443").str(), "https://deis.example.com");
  EXPECT_EQ(ControllerUrl::parse("http://[::1]:8000").authority(), "[::1]:8000");
  EXPECT_EQ(host_of("deis.example.com:8000"), "deis.example.com");
  EXPECT_EQ(remote_url("http://deis.example.com:8080", "shop"), "ssh://git@deis.example.com:2222/shop.git");
  for (const char* bad :
       {"deis", "ftp://deis", "http://", "http://a b", "http://x:0", "http://x:99999", "http://u@x"})
    EXPECT_THROW(ControllerUrl::parse(bad), Error) << bad;
}

constexpr auto kRemotes =
    "origin\thttps://example.com/ann/shop.git (fetch)\n"
    "deis\tssh://git@deis.example.com:2222/shop.git (fetch)\n"
    "deis\tssh://git@deis.example.com:2222/shop.git (push)\n";

TEST(Git, FindsTheAppOfTheFirstRemoteAtTheController) {
  EXPECT_EQ(find_app(kRemotes, "deis.example.com"), "shop");
  EXPECT_FALSE(find_app(kRemotes, "deis.other.com"));
}

TEST(Git, FindsTheRemoteOfAnAppAtTheControllerOnly) {
  EXPECT_EQ(find_remote(kRemotes, "deis.example.com", "shop"), "deis");
  EXPECT_FALSE(find_remote(kRemotes, "deis.example.com", "sho"));
}

TEST(PublicKey, IsCalledByItsCommentOrItsFile) {
  EXPECT_EQ(read_public_key("ssh-ed25519 AAAA ann@laptop\n", "id_ed25519.pub").id, "ann@laptop");
  EXPECT_EQ(read_public_key("ssh-rsa AAAA", "id_rsa.work.pub").id, "id_rsa");
  EXPECT_EQ(read_public_key("sk-ssh-ed25519@openssh.com AAAA a b\n", "x").id, "a b");
  EXPECT_EQ(shortened("ssh-rsa AAAAB3NzaC1yc2E ann@laptop"), "ssh-rsa AAAAB3Nz...ann@laptop");
}

TEST(PublicKey, IsNoOtherFile) {
  for (const char* bad :
       {"",
        "hello",
        "ssh-rsa",
        "ssh-foo AAAA",
        "ssh-rsa A\nssh-rsa B",
        "-----BEGIN OPENSSH PRIVATE KEY-----\nx"})
    EXPECT_THROW(read_public_key(bad, "x.pub"), Error) << bad;
}

TEST(Dotenv, WritesAndReadsPairs) {
  const Values values{{"A", "1"}, {"URL", "http://x/?a=b"}};
  EXPECT_EQ(write_env(values), "A=1\nURL=http://x/?a=b\n");
  EXPECT_EQ(read_env(write_env(values)), values);
  EXPECT_EQ(read_env("no pair\n=x\nA="), (Values{{"A", ""}}));
}

TEST(Dotenv, WhatStandsBehindTheLastLineEndIsNoLine) {
  EXPECT_THAT(complete_lines("A=1\r\n\nB=2\nC=3"), ElementsAre("A=1", "", "B=2"));
}

TEST(Logs, EachProcessHasItsColour) {
  // 'a' is 97: 97 % 7 + 1 = 7, which becomes 9.
  EXPECT_EQ(coloured("2026 a: x"), "\033[39m2026 a: x\033[0m");
  EXPECT_EQ(coloured("2026 b: x"), "\033[31m2026 b: x\033[0m");
  EXPECT_THAT(coloured("oneword"), HasSubstr("moneword\033[0m"));
}

TEST(Logs, LinesHaveTheirPartsAsJson) {
  EXPECT_EQ(
      json::to_text(log_json("2026-11-25T15:00:00UTC shop[web.1]: GET / 200: fine")),
      R"({"line":"2026-11-25T15:00:00UTC shop[web.1]: GET / 200: fine","time":"2026-11-25T15:00:00UTC",)"
      R"("process":"web.1","message":"GET / 200: fine"})");
  EXPECT_EQ(json::to_text(log_json("free text")), R"({"line":"free text"})");
}

TEST(Events, ArePutTogetherFromAnyPieces) {
  const std::string stream =
      ": hello\n\nid: b-1\nevent: phase\ndata: {\"a\":\ndata: 1}\r\n\r\nevent: reset\ndata: {}\n\n";
  const std::vector<ServerEvent> expected{{"b-1", "phase", "{\"a\":\n1}"}, {"b-1", "reset", "{}"}};
  for (std::size_t size = 1; size <= stream.size(); ++size) {
    EventParser parser;
    std::vector<ServerEvent> events;
    for (std::size_t i = 0; i < stream.size(); i += size) {
      for (auto& event : parser.feed(std::string_view(stream).substr(i, size))) events.push_back(event);
    }
    EXPECT_EQ(events, expected) << size;
  }
}

TEST(Events, PhasesAreLines) {
  const ServerEvent event{
      "b-2", "phase", R"({"request_id":"r","release":4,"phase":"healthy","detail":"web.1","ms":1234})"};
  const auto phase = read_phase(event);
  ASSERT_TRUE(phase);
  EXPECT_EQ(phase->request_id, "r");
  EXPECT_EQ(phase_line(*phase), "  v4 healthy      1.2 s  web.1");
  EXPECT_FALSE(read_phase({"", "container", "{}"}));
  EXPECT_FALSE(read_phase({"", "phase", "not json"}));
}

TEST(ReleaseDiff, ComparesBuildConfigLimitsAndTags) {
  const ReleaseState from{
      .version = "v3",
      .build = nullptr,
      .config = json::parse(R"({"values":{"A":"1","B":"2"},"memory":{"web":"1G"},"cpu":{},"tags":{}})")};
  const ReleaseState to{
      .version = "v5",
      .build = json::parse(R"({"image":"shop:2","sha":"","procfile":{"web":"run"}})"),
      .config =
          json::parse(R"({"values":{"B":"3","C":"4"},"memory":{},"cpu":{"web":5},"tags":{"rack":"1"}})")};
  const auto found = differences(from, to);
  EXPECT_EQ(
      diff_text(found, false, false),
      "--- Build\n+ image: shop:2\n+ procfile web: run\n--- Config\n- A\n~ B\n+ C\n--- Limits\n+ cpu web: 5\n"
      "- memory web: 1G\n--- Tags\n+ rack: 1\n");
  EXPECT_THAT(diff_text(found, true, false), HasSubstr("~ B: 2 -> 3\n"));
  EXPECT_EQ(diff_json(found, false)[2], json::parse(R"({"part":"config","name":"A","change":"removed"})"));
  EXPECT_EQ(diff_text(differences(from, from), false, false), "No differences\n");
}

TEST(DetachKeys, AreCtrlPCtrlQ) {
  DetachKeys keys;
  EXPECT_EQ(keys.feed("ab\x10"), "ab");
  EXPECT_EQ(
      keys.feed("c"),
      "\x10"
      "c");
  EXPECT_FALSE(keys.pressed());
  EXPECT_EQ(keys.feed("d\x10\x11zz"), "d");
  EXPECT_TRUE(keys.pressed());
}

}  // namespace
}  // namespace deis::cli
