#pragma once
// What authorities say when they refuse (RFC 8555 §6.7, RFC 7807), read from bytes of strangers. Pure.

#include "core/base/time.h"

#include <optional>
#include <string>
#include <string_view>

namespace deis::controller::acme {

struct Problem {
  std::string type;    // the last part of its URN: "rateLimited", "badNonce"; "" when there is none
  std::string detail;  // one line of bounded length
};

// A problem document, or whatever else the body is.
Problem read_problem(std::string_view body);
// As the client program hands on the state of a challenge: a line for each member, `["error"]<tab>{...}`.
Problem read_challenge(std::string_view lines);
// Of the heads of an answer: seconds or a date; at most a week ahead.
std::optional<SystemTime> read_retry_after(std::string_view head, SystemTime now);

}  // namespace deis::controller::acme
