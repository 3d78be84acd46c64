#pragma once
// The one error type of the project. A message says what failed, on what, and what to do.
// Codes map to HTTP status in controller/api/error_response.cpp and to exit codes in cli/ and ctl/, nowhere
// else.

#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>

namespace deis {

enum class ErrorCode {
  invalid,          // the caller's input is wrong; `field()` names the part when there is one
  unauthenticated,  // who are you?
  forbidden,        // not you
  not_found,
  conflict,     // exists already, or somebody else is changing it
  too_large,    // over a documented limit
  unavailable,  // a server we need is away: try again later
  timeout,      // a deadline passed
  canceled,     // we are shutting down
  internal,     // a bug
};

std::string_view name_of(ErrorCode code);

class Error : public std::runtime_error {
 public:
  Error(ErrorCode code, const std::string& message) : std::runtime_error(message), code_(code) {}
  Error(ErrorCode code, std::string field, const std::string& message)
      : std::runtime_error(message), code_(code), field_(std::move(field)) {}

  ErrorCode code() const { return code_; }
  // The input field that is wrong; empty when the error is not about one.
  const std::string& field() const { return field_; }

 private:
  ErrorCode code_;
  std::string field_;
};

// `context` + ": " + what `error` says, with its code (internal for exceptions that are not ours).
Error with_context(std::string_view context, const std::exception& error);

}  // namespace deis
