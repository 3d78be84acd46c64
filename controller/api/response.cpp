#include "controller/api/response.h"

#include "core/base/text.h"
#include "core/json/json.h"

#include <algorithm>

namespace deis::controller::api {
namespace {

constexpr std::string_view kApiVersion = "1.7";
constexpr std::string_view kPlatformVersion = "1.13.4";
constexpr std::string_view kDeisHeaders =
    "DEIS_API_VERSION, DEIS_PLATFORM_VERSION, X_DEIS_API_VERSION, X_DEIS_PLATFORM_VERSION, Deis-Release, "
    "X-Deis-Release";

}  // namespace

net::Reply ok(const boost::json::value& body) {
  return net::Reply::json(200, json::to_text(body));
}

net::Reply ok(JsonText body) {
  return net::Reply::json(200, std::move(body.text));
}

JsonText to_text(const boost::json::value& document) {
  return JsonText{json::to_text(document)};
}

net::Reply created(const boost::json::value& body) {
  return net::Reply::json(201, json::to_text(body));
}

net::Reply empty(int status) {
  net::Reply reply;
  reply.status = status;
  return reply;
}

net::Reply detail(int status, std::string_view message) {
  const json::object body{{"detail", message}};
  return net::Reply::json(status, json::to_text(body));
}

void set_release(net::Reply& reply, std::int64_t version) {
  reply.headers.set("Deis-Release", std::to_string(version));
  reply.headers.set("X-Deis-Release", std::to_string(version));
}

net::Headers version_headers() {
  net::Headers headers;
  headers.set("DEIS_API_VERSION", kApiVersion);
  headers.set("DEIS_PLATFORM_VERSION", kPlatformVersion);
  headers.set("X_DEIS_API_VERSION", kApiVersion);
  headers.set("X_DEIS_PLATFORM_VERSION", kPlatformVersion);
  return headers;
}

void add_standard_headers(net::Reply& reply, const net::Request& request) {
  static const net::Headers versions = version_headers();
  for (const auto& [name, value] : versions.all()) reply.headers.set(name, value);
  if (!request.headers.find("Origin")) return;
  reply.headers.set("Access-Control-Allow-Origin", "*");
  reply.headers.set("Access-Control-Expose-Headers", kDeisHeaders);
}

std::string allow_header(const std::vector<std::string>& methods) {
  std::vector<std::string> all = methods;
  if (std::ranges::find(all, "GET") != all.end()) all.push_back("HEAD");
  all.push_back("OPTIONS");
  std::ranges::sort(all);
  return join(all, ", ");
}

net::Reply options_reply(const net::Request& request, const std::vector<std::string>& methods) {
  if (request.headers.find("Access-Control-Request-Method")) {
    net::Reply reply = empty(200);
    reply.headers.set("Access-Control-Allow-Methods", "GET, POST, PUT, PATCH, DELETE, OPTIONS");
    reply.headers.set("Access-Control-Allow-Headers", "content-type, accept, origin, Authorization, Host");
    reply.headers.set("Access-Control-Max-Age", "86400");
    return reply;
  }
  json::object body{{"renders", json::array{"application/json"}}};
  body["parses"] =
      json::array{"application/json", "application/x-www-form-urlencoded", "multipart/form-data"};
  body["methods"] = json::to_value(methods);
  net::Reply reply = ok(body);
  reply.headers.set("Allow", allow_header(methods));
  return reply;
}

}  // namespace deis::controller::api
