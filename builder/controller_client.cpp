#include "builder/controller_client.h"

#include "core/base/error.h"
#include "core/base/text.h"
#include "core/json/json.h"

#include <fmt/format.h>

namespace deis::builder {
namespace {

json::value text(const std::string& s) {
  return boost::json::string(s);
}

struct WireOwner {
  std::string username, fingerprint;
};
BOOST_DESCRIBE_STRUCT(WireOwner, (), (username, fingerprint))

struct WireVersion {
  std::int64_t version = 0;
};
BOOST_DESCRIBE_STRUCT(WireVersion, (), (version))

struct WireRelease {
  WireVersion release;
  std::vector<std::string> domains;
};
BOOST_DESCRIBE_STRUCT(WireRelease, (), (release, domains))

LaunchedRelease launched(const WireRelease& wire) {
  if (wire.domains.empty()) throw Error(ErrorCode::internal, "the controller named no domain");
  return LaunchedRelease{wire.release.version, wire.domains.front()};
}

// A 404 of an unknown path, or of another server, names no app.
bool names_as_gone(const net::Response& response, const AppId& app) {
  return response.status == 404 && response.body.find("\"app\":\"" + app.str() + "\"") != std::string::npos;
}

// What the controller says, as one sentence: its detail with the reason, or the first of its field messages.
std::string reason_of(const std::string& body) {
  try {
    const json::value parsed = json::parse(body);
    const auto *detail = parsed.as_object().if_contains("detail"),
               *reason = parsed.as_object().if_contains("reason");
    if (detail && reason && detail->is_string() && reason->is_string()) {
      return std::string(detail->get_string()) + ": " + std::string(reason->get_string());
    }
    for (const auto& member : parsed.as_object()) {
      if (member.value().is_string()) return std::string(member.value().get_string());
      if (member.value().is_array() && !member.value().get_array().empty() &&
          member.value().get_array()[0].is_string()) {
        return std::string(member.key()) + ": " + std::string(member.value().get_array()[0].get_string());
      }
    }
  } catch (const std::exception&) {
    // Not a JSON object: no reason that could be shown.
  }
  return "no reason was given";
}

ErrorCode code_of(int status) {
  switch (status) {
    case 401:
      return ErrorCode::unauthenticated;
    case 403:
      return ErrorCode::forbidden;
    case 404:
      return ErrorCode::not_found;
    case 409:
      return ErrorCode::conflict;
    default:
      return status >= 500 ? ErrorCode::unavailable : ErrorCode::invalid;
  }
}

}  // namespace

ControllerClient::ControllerClient(
    Executor executor, component::Directory& directory, component::Settings& controller_settings)
    : executor_(std::move(executor)), directory_(directory), settings_(controller_settings) {}

Task<net::Response> ControllerClient::call(
    std::string method, std::string path, std::string body, Deadline deadline) {
  const auto host = directory_.any();
  const auto key = settings_.find("builderKey");
  if (!host || !key)
    throw Error(ErrorCode::unavailable, "the controller is not available at the moment, try again later");
  net::HttpClient http(executor_, host->address);
  net::Request request;
  request.method = std::move(method);
  request.target = std::move(path);
  request.body = std::move(body);
  request.headers.set("X-Deis-Builder-Auth", *key);
  request.headers.set("User-Agent", "deis-builder");
  request.headers.set("Content-Type", "application/json");
  request.headers.set("Connection", "close");
  try {
    co_return co_await http.send(std::move(request), deadline);
  } catch (const Error& error) {
    if (error.code() == ErrorCode::canceled) throw;
    throw Error(
        error.code(), fmt::format("the controller did not answer, try again later ({})", error.what()));
  }
}

Task<std::string> ControllerClient::checked(std::string path, std::string body, Deadline deadline) {
  net::Response response = co_await call("POST", std::move(path), std::move(body), deadline);
  if (response.status >= 400) throw Error(code_of(response.status), reason_of(response.body));
  co_return std::move(response.body);
}

Task<std::optional<Identity>> ControllerClient::owner_of_key(
    std::string type, std::string base64, Deadline deadline) {
  json::object body{{"public", text(type + " " + base64)}};
  std::string sent = json::to_text(body);
  const net::Response response = co_await call("POST", "/v1/hooks/key", std::move(sent), deadline);
  if (response.status == 404) co_return std::nullopt;
  if (response.status != 200) throw Error(code_of(response.status), reason_of(response.body));
  const auto owner = json::from<WireOwner>(json::parse(response.body));
  co_return Identity{UserName::parse(owner.username), owner.fingerprint};
}

// The config hook has the same rule as a push and leaves no trace.
Task<> ControllerClient::authorise(UserName user, AppId app, Deadline deadline) {
  json::object body{{"receive_user", text(user.str())}, {"receive_repo", text(app.str())}};
  std::string sent = json::to_text(body);
  try {
    co_await checked("/v1/hooks/config", std::move(sent), deadline);
  } catch (const Error& error) {
    if (error.code() == ErrorCode::not_found) {
      throw Error(
          ErrorCode::not_found,
          fmt::format("there is no app {0}: it was not found. Create it with 'deis create {0}'.", app.str()));
    }
    if (error.code() == ErrorCode::forbidden) {
      throw Error(
          ErrorCode::forbidden,
          fmt::format("{} has no permission to work on the app {}", user.str(), app.str()));
    }
    throw;
  }
}

Task<> ControllerClient::record_push(PushRecord push, Deadline deadline) {
  json::object body;
  body["receive_user"] = text(push.identity.user.str());
  body["receive_repo"] = text(push.app.str());
  body["sha"] = text(push.sha);
  body["fingerprint"] = text(push.identity.fingerprint);
  body["ssh_connection"] = text(push.ssh_connection.substr(0, 255));
  body["ssh_original_command"] = text(push.original_command.substr(0, 255));
  std::string sent = json::to_text(body);
  co_await checked("/v1/hooks/push", std::move(sent), deadline);
}

Task<LaunchedRelease> ControllerClient::release(NewBuild build, Deadline deadline) {
  json::object body{{"dockerfile", "true"}};
  body["receive_user"] = text(build.user.str());
  body["receive_repo"] = text(build.app.str());
  body["image"] = text(build.app.str());
  body["sha"] = text(build.sha);
  body["procfile"] = json::to_value(build.procfile);
  if (build.canary) body["canary"] = *build.canary;
  std::string sent = json::to_text(body);
  const std::string answer = co_await checked("/v1/hooks/build", std::move(sent), deadline);
  co_return launched(json::from<WireRelease>(json::parse(answer)));
}

Task<ReleaseOfCommit> ControllerClient::release_of(AppId app, std::string sha, Deadline deadline) {
  std::string path = fmt::format("/v1/hooks/apps/{}?sha={}", app.str(), sha);
  const net::Response response = co_await call("GET", std::move(path), "", deadline);
  if (names_as_gone(response, app)) co_return ReleaseOfCommit{};
  if (response.status != 200) throw Error(code_of(response.status), reason_of(response.body));
  const json::value answer = json::parse(response.body);
  const auto* release = answer.as_object().if_contains("release");
  if (!release) throw Error(ErrorCode::unavailable, "the controller did not say which release it made");
  if (release->is_null()) co_return ReleaseOfCommit{};
  co_return ReleaseOfCommit{launched(json::from<WireRelease>(answer))};
}

Task<bool> ControllerClient::is_certainly_gone(AppId app, Deadline deadline) {
  const net::Response response = co_await call("GET", "/v1/hooks/apps/" + app.str(), "", deadline);
  co_return names_as_gone(response, app);
}

}  // namespace deis::builder
