// Requests as a server reads them: the same however the bytes are cut, and never ambiguous.
#include "core/base/fuzz.h"
#include "core/base/text.h"
#include "core/net/message_parser.h"
#include "core/net/wire.h"

#include <algorithm>
#include <vector>

namespace deis::net {
namespace {

struct Outcome {
  std::vector<Request> requests;
  bool refused = false;
  bool operator==(const Outcome& other) const {
    const auto same = [](const Request& a, const Request& b) {
      return a.method == b.method && a.target == b.target && a.headers.all() == b.headers.all() &&
             a.body == b.body;
    };
    return refused == other.refused &&
           std::equal(requests.begin(), requests.end(), other.requests.begin(), other.requests.end(), same);
  }
};

// One request after the other, as they come on a connection.
class Connection {
 public:
  void take(std::string_view bytes) {
    if (outcome.refused) return;
    unread_ += bytes;
    try {
      while (parse_one()) {
      }
    } catch (const BadMessage& bad) {
      FUZZ_REQUIRE(bad.status() >= 400 && bad.status() < 600);
      outcome.refused = true;
    }
  }
  Outcome outcome;

 private:
  bool parse_one() {
    if (unread_.empty()) return false;
    unread_.erase(0, parser_.feed(unread_));
    if (!parser_.is_done()) return false;
    parser_.request.body = std::move(parser_.body);
    outcome.requests.push_back(std::move(parser_.request));
    parser_ = MessageParser(MessageParser::Kind::request, MessageLimits());
    return true;
  }
  MessageParser parser_{MessageParser::Kind::request, MessageLimits()};
  std::string unread_;
};

std::size_t count(const Request& request, std::string_view name) {
  const auto& all = request.headers.all();
  return static_cast<std::size_t>(std::count_if(
      all.begin(), all.end(), [&](const auto& field) { return to_lower(field.first) == name; }));
}

void check(const Request& request) {
  const auto control = std::string_view("\r\n\0", 3);
  FUZZ_REQUIRE(!request.method.empty());
  FUZZ_REQUIRE(request.target == "*" || request.target.starts_with('/'));
  FUZZ_REQUIRE(request.target.find_first_of(control) == std::string::npos);
  FUZZ_REQUIRE(request.headers.all().size() <= MessageLimits().fields);
  for (const auto& [name, value] : request.headers.all()) {
    FUZZ_REQUIRE(name.find_first_of(" \t:") == std::string::npos);
    FUZZ_REQUIRE(value.find_first_of(control) == std::string::npos);
  }
  FUZZ_REQUIRE(count(request, "host") <= 1);
  FUZZ_REQUIRE(count(request, "content-length") + count(request, "transfer-encoding") <= 1);
}

// What was read can be written and read again.
void check_round_trip(const Request& request) {
  Headers headers;
  for (const auto& [name, value] : request.headers.all()) {
    if (to_lower(name) != "transfer-encoding" && to_lower(name) != "content-length") headers.add(name, value);
  }
  if (!headers.find("Host")) headers.set("Host", "");  // HTTP/1.0 needs none
  headers.set("Content-Length", std::to_string(request.body.size()));
  std::string text = request.method + " " + request.target + " HTTP/1.1\r\n";
  append_headers(text, headers);
  text += "\r\n" + request.body;
  MessageLimits roomy;
  roomy.head *= 2;
  roomy.fields *= 2;
  MessageParser again(MessageParser::Kind::request, roomy);
  FUZZ_REQUIRE(again.feed(text) == text.size() && again.is_done());
  FUZZ_REQUIRE(again.request.method == request.method && again.request.target == request.target);
  FUZZ_REQUIRE(again.body == request.body && again.request.headers.all() == headers.all());
}

DEIS_FUZZ(http_request) {
  fuzz::Choices choices(input);
  Connection whole, cut;
  whole.take(input);
  for (std::string_view rest = input; !rest.empty();) cut.take(choices.piece(rest));
  FUZZ_REQUIRE(whole.outcome == cut.outcome);
  for (const Request& request : whole.outcome.requests) {
    check(request);
    check_round_trip(request);
  }
}

}  // namespace
}  // namespace deis::net
