#include "core/base/error.h"

namespace deis {

std::string_view name_of(ErrorCode code) {
  switch (code) {
    case ErrorCode::invalid:
      return "invalid";
    case ErrorCode::unauthenticated:
      return "unauthenticated";
    case ErrorCode::forbidden:
      return "forbidden";
    case ErrorCode::not_found:
      return "not_found";
    case ErrorCode::conflict:
      return "conflict";
    case ErrorCode::too_large:
      return "too_large";
    case ErrorCode::unavailable:
      return "unavailable";
    case ErrorCode::timeout:
      return "timeout";
    case ErrorCode::canceled:
      return "canceled";
    case ErrorCode::internal:
      return "internal";
  }
  return "internal";
}

Error with_context(std::string_view context, const std::exception& error) {
  std::string message = std::string(context) + ": " + error.what();
  if (const auto* ours = dynamic_cast<const Error*>(&error))
    return Error(ours->code(), ours->field(), message);
  return Error(ErrorCode::internal, message);
}

}  // namespace deis
