// API tokens beside the session token: named, scoped, expiring.

#include "controller/api/body.h"
#include "controller/api/handlers.h"
#include "controller/api/pagination.h"
#include "controller/api/response.h"
#include "controller/api/serializers.h"
#include "controller/domain/services.h"
#include "core/base/text.h"

#include <boost/json/array.hpp>
#include <fmt/format.h>

#include <algorithm>

namespace deis::controller::api {
namespace {

constexpr std::size_t kMaximumName = 128;
constexpr std::size_t kMaximumList = 100;

// A list of text without repetitions; absent: empty.
std::vector<std::string> text_list(Fields& fields, const boost::json::object& body, const char* name) {
  std::vector<std::string> items;
  const auto* value = body.if_contains(name);
  if (!value || value->is_null()) return items;
  const auto* list = value->if_array();
  if (!list || list->size() > kMaximumList) {
    fields.problem(name, fmt::format("Expected a list of at most {} strings.", kMaximumList));
    return items;
  }
  for (const auto& item : *list) {
    const auto* text = item.if_string();
    if (!text) {
      fields.problem(name, "Expected a list of strings.");
      continue;
    }
    std::string word(*text);
    if (std::ranges::find(items, word) == items.end()) items.push_back(std::move(word));
  }
  return items;
}

std::optional<std::int64_t> lifetime(Fields& fields, const boost::json::object& body) {
  const auto* value = body.if_contains("expires_in");
  if (!value || value->is_null()) return std::nullopt;
  const auto text = scalar_text(*value);
  const auto seconds = text ? parse_int(*text) : std::nullopt;
  if (seconds && *seconds >= 1 && *seconds <= Tokens::kLongestLifetime) return seconds;
  fields.problem(
      "expires_in", fmt::format("A number of seconds from 1 to {} is required.", Tokens::kLongestLifetime));
  return std::nullopt;
}

TokenRequest read_request(const boost::json::object& body) {
  Fields fields(body);
  TokenRequest request;
  request.name = fields.required("name", kMaximumName);
  request.scopes = text_list(fields, body, "scopes");
  request.apps = text_list(fields, body, "apps");
  request.lifetime = lifetime(fields, body);
  for (const auto& app : request.apps) {
    try {
      AppId::parse(app);
    } catch (const Error&) {
      fields.problem("apps", "Names of apps are expected.");
    }
  }
  for (const auto& scope : request.scopes) {
    try {
      parse_scope(scope);
    } catch (const Error& error) {
      fields.problem("scopes", error.what());
    }
  }
  if (!body.contains("scopes")) {
    fields.problem("scopes", kRequired);
  } else if (request.scopes.empty()) {
    fields.problem("scopes", "At least one scope is required: read, deploy or admin.");
  }
  fields.check();
  return request;
}

}  // namespace

Task<net::Reply> list_tokens(Services& services, Call& call) {
  const PageRequest asked = read_page(call.request);
  const Page<ApiToken> page = co_await services.tokens.list(call.user(), asked);
  auto serialize = [](const ApiToken& token) { return to_json(token); };
  co_return ok(page_body(call.request, asked, page, serialize));
}

Task<net::Reply> make_token(Services& services, Call& call) {
  const MadeToken made = co_await services.tokens.make(call.user(), read_request(call.body));
  boost::json::object body = to_json(made.token);
  body["token"] = made.secret;
  co_return created(body);
}

Task<net::Reply> revoke_token(Services& services, Call& call) {
  co_await services.tokens.revoke(call.user(), call.parameter("id"));
  co_return empty(204);
}

}  // namespace deis::controller::api
