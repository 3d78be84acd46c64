#include "cli/api.h"

#include "core/base/error.h"
#include "core/base/text.h"
#include "core/json/json.h"
#include "core/net/http_client.h"

#include <fmt/format.h>

namespace deis::cli {
namespace {

constexpr auto kLimit = std::chrono::minutes(21);  // deploys may take 20 (contract §10.1)

// Status line, then one `key: value` line per string.
std::string shown(const Answer& answer) {
  std::string text = "\n" + answer.status_line + "\n";
  try {
    const json::value body = json::parse(answer.body);
    if (const auto* object = body.if_object()) {
      for (const auto& member : *object) {
        const std::string key(member.key());
        if (member.value().is_string())
          text += fmt::format("{}: {}\n", key, std::string(member.value().get_string()));
        if (!member.value().is_array()) continue;
        for (const auto& element : member.value().get_array()) {
          if (element.is_string()) text += fmt::format("{}: {}\n", key, std::string(element.get_string()));
        }
      }
      return text;
    }
  } catch (const Error&) {
    // Not JSON: shown as it is.
  }
  return text + answer.body + "\n";
}

json::value parse_body(const Answer& answer) {
  if (trim(answer.body).empty()) return nullptr;
  return json::parse(answer.body);
}

net::Endpoint endpoint_of(const std::string& controller) {
  if (controller.starts_with("https://")) {
    throw Error(ErrorCode::invalid, "this version cannot speak https yet: use http://, or a tunnel");
  }
  return net::Endpoint::parse(controller);
}

Task<Answer> send(Executor executor, net::Endpoint endpoint, net::Request request) {
  net::HttpClient client(executor, endpoint);
  net::Response response = co_await client.send(std::move(request), in(kLimit));
  Answer answer;
  answer.status = response.status;
  answer.status_line = fmt::format("{} {}", response.status, response.reason);
  answer.body = std::move(response.body);
  co_return answer;
}

}  // namespace

Api::Api(Loop& loop, const std::string& controller, std::string token)
    : loop_(loop), controller_(controller), token_(std::move(token)) {
  endpoint_of(controller_);
}

Answer Api::call(
    const std::string& method, const std::string& path, const std::string& body, bool with_token) {
  net::Request request;
  request.method = method;
  request.target = path;
  request.body = body;
  request.headers.set("Content-Type", "application/json");
  request.headers.set("User-Agent", "deis");
  request.headers.set("Connection", "close");
  if (with_token && !token_.empty()) request.headers.set("Authorization", "token " + token_);
  try {
    return loop_.run(send(loop_.executor(), endpoint_of(controller_), std::move(request)));
  } catch (const Error& error) {
    throw Error(
        error.code(),
        fmt::format(
            "{}{}: {}\nIs the controller's address right, and is the platform running?",
            controller_,
            path,
            error.what()));
  }
}

Answer Api::checked(const std::string& method, const std::string& path, const std::string& body) {
  Answer answer = call(method, path, body);
  if (answer.status >= 400) throw ApiError(answer.status, shown(answer));
  return answer;
}

json::value Api::get(const std::string& path) {
  return parse_body(checked("GET", path, ""));
}
json::value Api::post(const std::string& path, const json::value& body) {
  return parse_body(checked("POST", path, json::to_text(body)));
}
json::value Api::post(const std::string& path) {
  return parse_body(checked("POST", path, ""));
}
void Api::erase(const std::string& path, const std::optional<json::value>& body) {
  checked("DELETE", path, body ? json::to_text(*body) : "");
}
std::string Api::get_text(const std::string& path) {
  return checked("GET", path, "").body;
}

void Api::probe() {
  const Answer answer = call("GET", "/v1/", "", false);
  if (answer.status == 401) return;
  throw Error(
      ErrorCode::invalid,
      fmt::format(
          "{}/v1/ does not appear to be a valid Deis controller.\n"
          "Make sure that the Controller URI is correct and the server is running.\n"
          "It usually begins with deis., as in http://deis.example.com",
          controller_));
}

}  // namespace deis::cli
