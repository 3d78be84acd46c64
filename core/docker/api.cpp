#include "core/docker/api.h"

#include "core/base/error.h"
#include "core/base/text.h"
#include "core/docker/state.h"

#include <fmt/format.h>

namespace deis::docker {
namespace {

// What this client was written for; a newer Engine speaks it as long as its MinAPIVersion allows, so take the
// smaller of both.
constexpr std::string_view kNewest = "1.44";

ErrorCode code_of(int status) {
  if (status == 400) return ErrorCode::invalid;
  if (status == 404) return ErrorCode::not_found;
  if (status == 409) return ErrorCode::conflict;
  // 503: "This node is not a swarm manager". 500: the Engine stops, or its Swarm did not answer in time:
  // gRPC's DeadlineExceeded, Canceled and Aborted come as 500. So does a container that cannot be started,
  // which the Engine does not tell apart: the message says it, and nobody repeats a command by himself. 501
  // will stay so.
  return status >= 500 && status != 501 ? ErrorCode::unavailable : ErrorCode::internal;
}

}  // namespace

Error refusal(const std::string& path, int status, const std::string& body) {
  std::string message = body;
  try {
    const json::value parsed = json::parse(body);
    if (const auto* object = parsed.if_object()) {
      if (const auto* text = object->if_contains("message"); text && text->is_string())
        message = std::string(text->get_string());
    }
  } catch (const Error&) {
    // Not JSON: the text itself is the message.
  }
  // "rpc error: code = Unknown desc = update out of sequence": Swarm's way of saying conflict.
  const bool out_of_sequence = message.find("out of sequence") != std::string::npos;
  return Error(
      out_of_sequence ? ErrorCode::conflict : code_of(status),
      fmt::format("Docker Engine: {} ({})", trim(message), path));
}

namespace {

bool older(std::string_view a, std::string_view b) {
  const auto number = [](std::string_view v) {
    const auto parts = split(v, '.');
    return parts.size() == 2 ? parse_int(parts[0]).value_or(0) * 1000 + parse_int(parts[1]).value_or(0) : 0;
  };
  return number(a) < number(b);
}

}  // namespace

Api::Api(Executor executor, net::Endpoint engine) : http_(std::move(executor), std::move(engine)) {}

Task<> Api::ping(Deadline deadline) {
  net::Request request;
  request.target = "/_ping";
  const net::Response response = co_await http_.send(std::move(request), deadline);
  if (response.status != 200) throw refusal("/_ping", response.status, response.body);
  const std::string offered = response.headers.get("Api-Version");
  if (offered.empty()) throw Error(ErrorCode::internal, "Docker Engine does not tell its API version");
  version_ = older(offered, kNewest) ? offered : std::string(kNewest);
}

Task<std::string> Api::version(Deadline deadline) {
  if (version_.empty()) co_await ping(deadline);
  co_return version_;
}

Task<net::Request> Api::request(std::string method, std::string path, Query query, Deadline deadline) {
  const std::string negotiated = co_await version(deadline);
  net::Request request;
  request.method = std::move(method);
  request.target = fmt::format("/v{}{}{}", negotiated, path, net::build_query(query));
  co_return request;
}

Task<json::value> Api::call(
    std::string method, std::string path, Query query, json::value body, Deadline deadline) {
  net::Request request = co_await this->request(std::move(method), path, std::move(query), deadline);
  if (!body.is_null()) {
    request.headers.set("Content-Type", "application/json");
    request.body = json::to_text(body);
  }
  const net::Response response = co_await http_.send(std::move(request), deadline);
  if (response.status >= 400) throw refusal(path, response.status, response.body);
  if (trim(response.body).empty()) co_return json::value(nullptr);
  co_return json::parse(response.body);
}

Task<json::value> Api::get(std::string path, Query query, Deadline deadline) {
  return call("GET", std::move(path), std::move(query), json::value(nullptr), deadline);
}

namespace {

Task<std::unique_ptr<net::ResponseStream>> checked(
    std::unique_ptr<net::ResponseStream> stream, std::string path, Deadline deadline) {
  const int status = stream->head().status;
  if (status < 400) co_return stream;
  std::string body;
  for (;;) {
    const std::string piece = co_await stream->read(deadline);
    if (piece.empty() || body.size() > 64 * 1024) break;
    body += piece;
  }
  throw refusal(path, status, body);
}

}  // namespace

Task<std::unique_ptr<net::ResponseStream>> Api::open(
    std::string method, std::string path, Query query, net::Headers headers, Deadline deadline) {
  net::Request request = co_await this->request(std::move(method), path, std::move(query), deadline);
  request.headers = std::move(headers);
  std::unique_ptr<net::ResponseStream> stream = co_await http_.open(std::move(request), deadline);
  co_return co_await checked(std::move(stream), std::move(path), deadline);
}

Task<std::unique_ptr<net::ResponseStream>> Api::upload(
    std::string path, Query query, net::Headers headers, net::BodySource body, Deadline deadline) {
  net::Request request = co_await this->request("POST", path, std::move(query), deadline);
  request.headers = std::move(headers);
  std::unique_ptr<net::ResponseStream> stream =
      co_await http_.open(std::move(request), std::move(body), deadline);
  co_return co_await checked(std::move(stream), std::move(path), deadline);
}

Task<net::Upgraded> Api::upgrade(std::string path, Query query, Deadline deadline) {
  net::Request request = co_await this->request("POST", std::move(path), std::move(query), deadline);
  co_return co_await http_.upgrade(std::move(request), deadline);
}

std::pair<std::string, std::string> filters(const std::vector<std::string>& conditions) {
  std::map<std::string, std::vector<std::string>> by_kind;
  for (const std::string& condition : conditions) {
    const auto equals = condition.find('=');
    by_kind[condition.substr(0, equals)].push_back(
        equals == std::string::npos ? "" : condition.substr(equals + 1));
  }
  return {"filters", json::to_string(by_kind)};
}

Client::Client(Executor executor, net::Endpoint engine)
    : state_(std::make_unique<State>(std::move(executor), std::move(engine))) {}
Client::~Client() = default;
Task<> Client::ping(Deadline deadline) {
  return state_->api.ping(deadline);
}
Task<std::string> Client::api_version(Deadline deadline) {
  return state_->api.version(deadline);
}

}  // namespace deis::docker
