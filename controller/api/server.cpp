#include "controller/api/server.h"

#include "controller/api/authentication.h"
#include "controller/api/body.h"
#include "controller/api/credentials.h"
#include "controller/api/error_response.h"
#include "controller/api/handlers.h"
#include "controller/api/recorder.h"
#include "controller/api/response.h"
#include "controller/api/routes.h"
#include "controller/domain/services.h"
#include "controller/domain/validation.h"
#include "core/base/excerpt.h"
#include "core/base/random.h"
#include "core/base/text.h"
#include "core/json/json.h"

#include <boost/asio/this_coro.hpp>
#include <fmt/format.h>

#include <algorithm>

namespace deis::controller::api {
namespace {

net::Reply wrong_version(const net::Request& request) {
  const json::object body{
      {"error",
       fmt::format(
           "Client and server versions do not match. Client version: {} Server version: 1",
           excerpt(request.headers.get("Deis-Version")))}};
  return net::Reply::json(405, json::to_text(body));
}

net::Reply wrong_method(const net::Request& request, const std::vector<std::string>& methods) {
  net::Reply reply = detail(405, fmt::format("Method '{}' not allowed.", request.method));
  reply.headers.set("Allow", allow_header(methods));
  return reply;
}

net::Reply health(const net::Request& request) {
  if (request.method == "GET" || request.method == "HEAD") return net::Reply::text(200, "OK");
  return wrong_method(request, {"GET"});
}

// The caller's id of the request when it is harmless in a log line and in a header, else one of ours.
std::string request_id(const net::Request& request) {
  const std::string given = request.headers.get("X-Request-Id");
  const bool good = !given.empty() && given.size() <= 64 && std::ranges::all_of(given, [](char c) {
    return std::isalnum(static_cast<unsigned char>(c)) || c == '-' || c == '_' || c == '.';
  });
  return good ? given : random_hex(8);
}

// Nothing has a name that is no text; the database would not even take the question.
bool are_readable(const net::PathParameters& parameters) {
  return std::ranges::all_of(parameters, [](const auto& parameter) {
    return is_valid_utf8(parameter.second) && std::ranges::none_of(parameter.second, [](char c) {
             return static_cast<unsigned char>(c) < 0x20 || c == 0x7f;
           });
  });
}

constexpr const char* kNotRecorded =
    "The change was made, but the audit log could not be written: look before you try again.";

struct Outcome {
  std::string user, failure;  // "" when unknown, when none
};

void report(
    const Log& log,
    const net::Request& request,
    int status,
    std::chrono::duration<double, std::milli> took,
    const Outcome& outcome) {
  const Log::Fields fields = {
      {"method", request.method},
      {"path", request.path()},
      {"status", status},
      {"ms", took.count()},
      {"user", outcome.user},
      {"error", outcome.failure}};
  if (status == 503) {
    log.warning("request not served", fields);
  } else if (status >= 500) {
    log.error("request failed", fields);
  } else if (request.method == "GET" || request.method == "HEAD") {
    log.debug("request", fields);
  } else {
    log.info("request", fields);
  }
}

}  // namespace

ApiServer::ApiServer(FindServices services, component::Metrics& metrics, Log log)
    : services_(std::move(services)), metrics_(metrics), log_(std::move(log)) {
  for (const Route& route : all_routes()) routes_.add(route.method, route.pattern, &route);
}

Task<net::Reply> ApiServer::handle(net::Request request) {
  const auto begin = std::chrono::steady_clock::now();
  const std::string id = request_id(request);
  const Log log = log_.with("request_id", id);
  net::Reply reply;
  Outcome outcome;
  try {
    reply = co_await answer(request, log, id, outcome.user);
  } catch (const std::exception& error) {
    reply = error_response(error);
    outcome.failure = error.what();
    const auto match = routes_.find(request.method, request.path());
    if (match) reply.headers.set("Allow", allow_header(match->allowed_methods));
  }
  add_standard_headers(reply, request);
  reply.headers.set("X-Request-Id", id);
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begin;
  const std::string status = std::to_string(reply.status);
  metrics_.observe_seconds(
      "deis_controller_request_seconds", "Time to answer API requests", took.count(), {{"status", status}});
  report(log, request, reply.status, took, outcome);
  co_return reply;
}

Task<net::Reply> ApiServer::answer(
    const net::Request& request, const Log& log, const std::string& id, std::string& user) {
  if (request.path() == "/healthz" || request.path() == "/healthz/") co_return health(request);
  if (!has_matching_version(request)) co_return wrong_version(request);
  const auto match = routes_.find(request.method, request.path());
  if (!match || !are_readable(match->parameters)) throw not_found();
  if (request.method == "OPTIONS") co_return options_reply(request, match->allowed_methods);
  const std::string_view media_type = match->value ? (*match->value)->media_type : kJson;
  if (!accepts(request, media_type)) co_return detail(406, "Could not satisfy the request Accept header");
  Services* services = services_();
  if (!services) {
    const std::string why = why_closed_();
    throw Error(ErrorCode::unavailable, why.empty() ? kDatabaseAway : why);
  }

  Call call{.request = request, .path = match->parameters, .log = log, .request_id = id};
  const Route& route = route_for_checks(*match, request.path());
  co_await identify(*services, route, call);
  if (call.caller) user = call.caller->username.str();
  if (!match->value) {
    authorize(*services, route, call);
    co_return wrong_method(request, match->allowed_methods);
  }
  net::Reply reply;
  if (route.action == kReads) {
    reply = co_await perform(*services, route, call);
  } else {
    reply = co_await perform_recorded(*services, route, call, id);
  }
  reply.headers.set("Allow", allow_header(match->allowed_methods));
  co_return reply;
}

Task<net::Reply> ApiServer::perform(Services& services, const Route& route, Call& call) {
  authorize(services, route, call);
  co_await find_app(services, route, call);
  if (call.request.method != "GET" && call.request.method != "HEAD") call.body = read_body(call.request);
  co_return co_await route.handler(services, call);
}

// What was done is answered only when its record is durable. What was refused is answered as it is.
Task<net::Reply> ApiServer::perform_recorded(
    Services& services, const Route& route, Call& call, std::string id) {
  net::Reply reply;
  std::exception_ptr failure;
  try {
    reply = co_await perform(services, route, call);
  } catch (const std::exception& error) {
    failure = std::current_exception();
    reply = error_response(error);
  }
  // A controller that stops cancels its requests, but what they did is recorded all the same.
  if (failure) co_await asio::this_coro::reset_cancellation_state(asio::disable_cancellation());
  const bool recorded = co_await record(services, route, call, reply.status, std::move(id));
  if (failure) {
    co_await asio::this_coro::reset_cancellation_state(asio::enable_terminal_cancellation());
    std::rethrow_exception(failure);
  }
  if (!recorded && reply.status < 400) throw Error(ErrorCode::unavailable, kNotRecorded);
  co_return reply;
}

// The controller's log has what the audit log could not take.
Task<bool> ApiServer::record(
    Services& services, const Route& route, const Call& call, int status, std::string id) {
  if (!is_recorded(route, call, status)) co_return true;
  const AuditRecord entry = audit_record(route, call, status, std::move(id));
  try {
    co_await services.audit.record(entry);
    co_return true;
  } catch (const std::exception& error) {
    call.log.error(
        "audit record not written",
        {{"user", entry.user},
         {"token", entry.token},
         {"address", entry.address},
         {"action", entry.action},
         {"app", entry.app},
         {"detail", entry.detail},
         {"status", entry.status},
         {"why", error.what()}});
  }
  co_return false;
}

// A method that the path does not have is refused only after the checks of the path (contract §2): those of
// its first method.
const Route& ApiServer::route_for_checks(const Match& match, std::string_view path) const {
  if (match.value) return **match.value;
  return **routes_.find(match.allowed_methods.front(), path)->value;
}

// An app that is being destroyed is gone for all routes but the one that finishes it.
Task<> ApiServer::find_app(Services& services, const Route& route, Call& call) {
  const Who who = route.who;
  if (who != Who::member && who != Who::owner) co_return;
  std::optional<AppId> id;
  try {
    id = AppId::parse(call.parameter("app"));
  } catch (const Error&) {
    throw not_found();  // no app can have such a name
  }
  const User& user = call.user();
  const auto which = route.handler == destroy_app ? storage::Find::destroying_too : storage::Find::living;
  const auto access = co_await services.apps.find_for(*id, user, which);
  if (!access) throw not_found();
  call.app = access->app;
  if (user.is_superuser || call.app->owner == user.username.str()) co_return;
  if (who == Who::owner || !access->is_collaborator) throw forbidden();
}

}  // namespace deis::controller::api
