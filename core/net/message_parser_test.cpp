#include "core/net/message_parser.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>

namespace deis::net {
namespace {

// Feeds the text cut at any points, as a reader does: what was not used up comes again with what follows.
MessageParser parsed_in_pieces(MessageParser::Kind kind, std::string_view text) {
  MessageParser parser(kind, MessageLimits());
  std::string unread;
  while (!text.empty() && !parser.is_done()) {
    const auto size = *rc::gen::inRange<std::size_t>(1, text.size() + 1);
    unread += text.substr(0, size);
    text.remove_prefix(size);
    unread.erase(0, parser.feed(unread));
  }
  return parser;
}

int status_of(std::string_view text) {
  try {
    MessageParser parser(MessageParser::Kind::request, MessageLimits());
    parser.feed(text);
    return parser.is_done() ? 200 : 0;
  } catch (const BadMessage& bad) {
    return bad.status();
  }
}

TEST(MessageParser, ReadsTheSameHoweverTheBytesAreCut) {
  const std::string text =
      "POST /a?b=c HTTP/1.1\r\nHost: a\r\nA: 1\r\na:  2 \r\nTransfer-Encoding: chunked\r\n\r\n"
      "3\r\nabc\r\n0a;x=y\r\n0123456789\r\n0\r\nTrailer: dropped\r\n\r\n";
  EXPECT_TRUE(rc::check("any cut", [&] {
    const MessageParser parser = parsed_in_pieces(MessageParser::Kind::request, text);
    RC_ASSERT(parser.is_done());
    RC_ASSERT(parser.body == "abc0123456789");
    RC_ASSERT(parser.request.target == "/a?b=c");
    RC_ASSERT(parser.request.headers.all().size() == 4u);
    RC_ASSERT(parser.request.headers.all()[2].second == "2");
  }));
}

TEST(MessageParser, LeavesWhatBelongsToTheNextMessage) {
  MessageParser parser(MessageParser::Kind::request, MessageLimits());
  const std::string first = "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc";
  EXPECT_EQ(parser.feed(first + "GET /"), first.size());
  EXPECT_TRUE(parser.is_done());
  EXPECT_EQ(parser.body, "abc");
}

TEST(MessageParser, ABadLineIsKnownBeforeTheHeadIsComplete) {
  EXPECT_EQ(status_of("GET / HTTP/1.1\n"), 400);
  EXPECT_EQ(status_of("GET / HTTP/1.1\rX"), 400);
  EXPECT_EQ(status_of("GET / HTTP/1.1\r\nHost: a\r"), 0);
}

TEST(MessageParser, BoundsWhatItMustHold) {
  EXPECT_EQ(status_of(std::string(20'000, 'a')), 431);
  std::string many = "GET / HTTP/1.1\r\n";
  for (int i = 0; i < 101; ++i) many += "A: b\r\n";
  EXPECT_EQ(status_of(many), 431);
  EXPECT_EQ(
      status_of("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n1;" + std::string(300, 'x')),
      400);
}

TEST(MessageParser, AnAnswerEndsAsItsHeadSays) {
  const auto answer = [](std::string_view text, bool to_head) {
    MessageParser parser(MessageParser::Kind::response, MessageLimits());
    if (to_head) parser.expect_no_body();
    parser.feed(text);
    return parser;
  };
  EXPECT_TRUE(answer("HTTP/1.1 204 No Content\r\nContent-Length: 5\r\n\r\n", false).is_done());
  EXPECT_TRUE(answer("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n", true).is_done());
  EXPECT_FALSE(answer("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nabc", false).is_done());
  MessageParser open = answer("HTTP/1.1 200 OK\r\n\r\nabc", false);
  EXPECT_FALSE(open.is_done());
  EXPECT_FALSE(open.keep_alive());
  open.end_of_input();
  EXPECT_TRUE(open.is_done());
  EXPECT_EQ(open.body, "abc");
}

TEST(MessageParser, KeepsTheConnectionAsTheVersionAndTheHeadersSay) {
  const auto keeps = [](std::string_view head) {
    MessageParser parser(MessageParser::Kind::request, MessageLimits());
    parser.feed(head);
    EXPECT_TRUE(parser.is_done()) << head;
    return parser.keep_alive();
  };
  EXPECT_TRUE(keeps("GET / HTTP/1.1\r\nHost: a\r\n\r\n"));
  EXPECT_FALSE(keeps("GET / HTTP/1.1\r\nHost: a\r\nconnection: x, CLOSE\r\n\r\n"));
  EXPECT_FALSE(keeps("GET / HTTP/1.0\r\n\r\n"));
  EXPECT_TRUE(keeps("GET / HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n"));
}

}  // namespace
}  // namespace deis::net
