// Answers as a client reads them: the same however the bytes are cut.
#include "core/base/error.h"
#include "core/base/fuzz.h"
#include "core/net/message_parser.h"

#include <string>

namespace deis::net {
namespace {

struct Outcome {
  int status = 0;
  std::string reason, body;
  std::vector<std::pair<std::string, std::string>> headers;
  bool done = false, refused = false, keep_alive = false;
  bool operator==(const Outcome&) const = default;
};

template <typename NextPiece>
Outcome read(bool to_head, NextPiece next_piece) {
  MessageParser parser(MessageParser::Kind::response, MessageLimits());
  if (to_head) parser.expect_no_body();
  Outcome outcome;
  std::string unread;
  try {
    for (std::string_view piece = next_piece(); !piece.empty() && !parser.is_done(); piece = next_piece()) {
      unread += piece;
      unread.erase(0, parser.feed(unread));
      FUZZ_REQUIRE(parser.is_done() || unread.size() <= MessageLimits().head);
    }
    if (!parser.is_done()) parser.end_of_input();
  } catch (const BadMessage&) {
    outcome.refused = true;
    return outcome;
  } catch (const Error& error) {
    FUZZ_REQUIRE(error.code() == ErrorCode::unavailable);
  }
  outcome.done = parser.is_done();
  if (!parser.has_head()) return outcome;
  outcome.status = parser.head.status;
  outcome.reason = parser.head.reason;
  outcome.headers = parser.head.headers.all();
  outcome.body = parser.body;
  outcome.keep_alive = parser.keep_alive();
  return outcome;
}

DEIS_FUZZ(http_response) {
  const bool to_head = !input.empty() && input.front() == 'H';
  fuzz::Choices choices(input);
  std::string_view once = input, rest = input;
  const Outcome whole = read(to_head, [&] { return std::exchange(once, std::string_view()); });
  const Outcome cut = read(to_head, [&] { return rest.empty() ? rest : choices.piece(rest); });
  FUZZ_REQUIRE(whole == cut);
  if (!whole.done) return;
  FUZZ_REQUIRE(whole.status >= 100 && whole.status <= 999);
  FUZZ_REQUIRE(!to_head || whole.body.empty());
  FUZZ_REQUIRE(whole.body.size() <= input.size());
}

}  // namespace
}  // namespace deis::net
