#include "controller/api/error_response.h"

#include "controller/api/body.h"
#include "controller/api/response.h"
#include "controller/domain/app_lock.h"
#include "controller/domain/login_gate.h"
#include "controller/domain/validation.h"
#include "controller/scheduler/scheduler.h"
#include "controller/storage/pg/database.h"
#include "core/base/excerpt.h"
#include "core/base/text.h"
#include "core/json/json.h"

namespace deis::controller::api {
namespace {

int status_of(ErrorCode code) {
  switch (code) {
    case ErrorCode::invalid:
      return 400;
    case ErrorCode::unauthenticated:
      return 401;
    case ErrorCode::forbidden:
      return 403;
    case ErrorCode::not_found:
      return 404;
    case ErrorCode::conflict:
      return 409;
    case ErrorCode::too_large:
      return 413;
    case ErrorCode::unavailable:
    case ErrorCode::timeout:
    case ErrorCode::canceled:
      return 503;
    case ErrorCode::internal:
      return 500;
  }
  return 500;
}

// Storage names the field whose value somebody else has.
bool is_duplicate(const Error& error) {
  return error.code() == ErrorCode::conflict && !error.field().empty();
}

// Names and messages may quote the caller, who may have sent megabytes.
constexpr std::size_t kLongestField = 100, kLongestMessage = 500, kMostFields = 100;

json::object fields_of(const FieldMessages& fields) {
  json::object body;
  for (const auto& [field, messages] : fields) {
    if (body.size() == kMostFields) break;
    json::array texts;
    for (const std::string& message : messages) {
      if (texts.size() < kMostFields) texts.emplace_back(excerpt(message, kLongestMessage));
    }
    body[excerpt(field, kLongestField)] = std::move(texts);
  }
  return body;
}

json::object body_of(const Error& error) {
  if (const auto* validation = dynamic_cast<const ValidationError*>(&error))
    return fields_of(validation->fields());
  // What libpq says, with addresses, is in the log beside the request's id.
  if (dynamic_cast<const pg::Unreachable*>(&error)) return {{"detail", kDatabaseAway}};
  if (dynamic_cast<const AppBusy*>(&error)) return {{"error", error.what()}};
  if (is_duplicate(error)) return fields_of({{error.field(), {"This field must be unique."}}});
  if (const auto* aborted = dynamic_cast<const Aborted*>(&error)) {
    return {{"detail", aborted->summary()}, {"reason", aborted->reason()}};
  }
  if (error.code() == ErrorCode::internal) return {{"detail", "Internal server error"}};
  if (error.code() == ErrorCode::canceled) return {{"detail", "The controller is stopping: try again."}};
  if (error.code() == ErrorCode::invalid && !error.field().empty()) {
    return fields_of({{error.field(), {error.what()}}});
  }
  if (error.code() == ErrorCode::invalid) return {{"detail", excerpt(error.what(), kLongestMessage)}};
  return {{"detail", error.what()}};
}

}  // namespace

net::Reply error_response(const std::exception& error) {
  const auto* ours = dynamic_cast<const Error*>(&error);
  if (!ours) return detail(500, "Internal server error");
  const bool unreadable = dynamic_cast<const UnsupportedMediaType*>(ours) != nullptr;
  const int status = unreadable ? 415 : is_duplicate(*ours) ? 400 : status_of(ours->code());
  if (const auto* refused = dynamic_cast<const TooManyAttempts*>(ours)) {
    net::Reply reply = detail(429, refused->what());
    reply.headers.set("Retry-After", std::to_string(refused->retry_after().count()));
    return reply;
  }
  net::Reply reply = net::Reply::json(status, json::to_text(body_of(*ours)));
  if (status == 401) reply.headers.set("WWW-Authenticate", "Token");
  if (status == 503) reply.headers.set("Retry-After", std::to_string(kRetryAfterSeconds));
  return reply;
}

}  // namespace deis::controller::api
