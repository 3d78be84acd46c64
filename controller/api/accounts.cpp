// Users and tokens (contract api.md §3.1 - §3.6).

#include "controller/api/body.h"
#include "controller/api/client_address.h"
#include "controller/api/handlers.h"
#include "controller/api/pagination.h"
#include "controller/api/response.h"
#include "controller/api/serializers.h"
#include "controller/domain/services.h"

#include <algorithm>

namespace deis::controller::api {
namespace {

constexpr std::size_t kMaximumName = 30;
constexpr std::size_t kMaximumEmail = 75;
constexpr std::size_t kMaximumPassword = 128;

bool looks_like_email(std::string_view text) {
  const auto at = text.find('@');
  const bool blank =
      std::ranges::any_of(text, [](char c) { return c == ' ' || c == '\n' || c == '\t' || c == '\r'; });
  if (blank || at == 0 || at == std::string_view::npos || text.find('@', at + 1) != std::string_view::npos)
    return false;
  const auto domain = text.substr(at + 1);
  return !domain.empty() && domain.front() != '.' && domain.back() != '.';
}

void check_registration_open(const Services& services, const Call& call) {
  switch (services.settings.registration_mode) {
    case RegistrationMode::enabled:
      return;
    case RegistrationMode::disabled:
      throw Error(ErrorCode::forbidden, "Registration is disabled");
    case RegistrationMode::admin_only:
      if (!call.caller) throw Error(ErrorCode::forbidden, "Authentication credentials were not provided.");
      if (!call.caller->is_superuser) throw forbidden();
  }
}

// The user that the body names, or the caller. Somebody else's account is the administrators' business.
Task<User> target_user(Services& services, Call& call, Fields& fields) {
  const std::string name = fields.optional("username", kMaximumName);
  fields.check();
  if (!fields.has("username") || name == call.user().username.str()) co_return call.user();
  if (!call.user().is_superuser) throw forbidden();
  co_return co_await services.users.get(name);
}

boost::json::object token_body(const std::string& token) {
  boost::json::object body;
  body["token"] = token;
  return body;
}

}  // namespace

Task<net::Reply> show_root(Services&, Call&) {
  co_return ok(boost::json::object());
}

Task<net::Reply> register_user(Services& services, Call& call) {
  check_registration_open(services, call);
  Fields fields(call.body);
  const std::string name = fields.required("username", kMaximumName);
  const std::string password = fields.required("password", kMaximumPassword);
  const std::string email = fields.optional("email", kMaximumEmail);
  const std::string first_name = fields.optional("first_name", kMaximumName);
  const std::string last_name = fields.optional("last_name", kMaximumName);
  if (!email.empty() && !looks_like_email(email)) fields.problem("email", "Enter a valid email address.");
  if (!name.empty()) fields.check_name<UserName>("username", name);
  fields.check();
  NewUser account{
      .username = UserName::parse(name),
      .password = password,
      .email = email,
      .first_name = first_name,
      .last_name = last_name};
  const User user = co_await services.users.register_user(std::move(account));
  co_return created(to_json(user));
}

Task<net::Reply> log_in(Services& services, Call& call) {
  Fields fields(call.body);
  const std::string name = fields.required("username", kMaximumName);
  const std::string password = fields.required("password", kMaximumPassword);
  fields.check();
  const User user = co_await services.users.log_in(name, password, client_address(call.request));
  const std::string token = co_await services.users.session_token(user);
  co_return ok(token_body(token));
}

Task<net::Reply> cancel_account(Services& services, Call& call) {
  Fields fields(call.body);
  const User target = co_await target_user(services, call, fields);
  co_await services.users.remove(target);
  co_return empty(204);
}

Task<net::Reply> change_password(Services& services, Call& call) {
  Fields fields(call.body);
  const User target = co_await target_user(services, call, fields);
  const std::string next = fields.required("new_password", kMaximumPassword);
  // An administrator may leave the current password out; when it is there it must be right.
  const bool has_current = fields.has("password") || !call.user().is_superuser;
  std::string current;
  if (has_current) current = fields.required("password", kMaximumPassword);
  fields.check();
  if (has_current) {
    const bool right = co_await services.users.has_password(target, current, client_address(call.request));
    if (!right) throw Error(ErrorCode::invalid, "Current password does not match");
  }
  co_await services.users.set_password(target, next);
  boost::json::object body;
  body["status"] = "password set";
  co_return ok(body);
}

Task<net::Reply> regenerate_token(Services& services, Call& call) {
  const bool names_others = call.body.contains("username") || call.body.contains("all");
  if (names_others && !call.user().is_superuser) throw forbidden();
  if (call.body.contains("all")) {
    co_await services.users.regenerate_all_tokens();
    co_return ok(boost::json::value(""));
  }
  Fields fields(call.body);
  const User target = co_await target_user(services, call, fields);
  const std::string token = co_await services.users.regenerate_token(target);
  co_return ok(token_body(token));
}

Task<net::Reply> list_users(Services& services, Call& call) {
  const PageRequest asked = read_page(call.request);
  const Page<User> page = co_await services.users.list(asked);
  auto serialize = [](const User& user) { return to_json(user); };
  co_return ok(page_body(call.request, asked, page, serialize));
}

}  // namespace deis::controller::api
