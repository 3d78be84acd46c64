#include "cli/api.h"

#include "cli/terminal.h"
#include "cli/version.h"
#include "core/base/error.h"
#include "core/base/text.h"
#include "core/json/json.h"
#include "core/net/tls.h"

#include <fmt/format.h>

#include <cstdlib>
#include <iostream>

namespace deis::cli {
namespace {

using namespace std::chrono_literals;

constexpr auto kConnectLimit = 20s;
constexpr auto kReadLimit = 60s;
constexpr auto kChangeLimit = 21min;  // deploys may take 20 (contract §10.1)
constexpr std::size_t kMostRaw = 4096;
constexpr int kMostRedirects = 5;

// DEIS_TIMEOUT=<seconds> for all of them.
std::chrono::steady_clock::duration limit_of(const std::string& method) {
  const char* given = std::getenv("DEIS_TIMEOUT");
  const auto seconds = given ? parse_int(given) : std::nullopt;
  if (seconds && *seconds > 0) return std::chrono::seconds(*seconds);
  return method == "GET" ? std::chrono::steady_clock::duration(kReadLimit) : kChangeLimit;
}

std::string_view hint_for(ErrorCode code) {
  switch (code) {
    case ErrorCode::timeout:
      return "It may be busy or out of reach; DEIS_TIMEOUT=<seconds> waits longer.";
    case ErrorCode::forbidden:
      return "Install the authority's certificate on this machine (or name it in SSL_CERT_FILE), or log in "
             "again with --ssl-verify=false.";
    case ErrorCode::invalid:
      return "Log in again with the controller's address: deis login http://deis.example.com";
    default:
      return "Is the controller's address right, and is the platform running?";
  }
}

Error unreachable(const std::string& url, const Error& error) {
  return Error(error.code(), fmt::format("{}: {}\n{}", url, error.what(), hint_for(error.code())));
}

// For answers that a proxy gave, or that tell to come again.
std::string hint_for(const Answer& answer, bool is_json) {
  const std::string again = answer.headers.get("Retry-After");
  if (answer.status == 429)
    return again.empty() ? "Try again in a moment.\n" : "Try again in " + again + " s.\n";
  if (is_json) return "";
  if (answer.status == 413) return "What was sent is larger than the controller takes.\n";
  if (answer.status >= 502 && answer.status <= 504)
    return "The router answered, but not the controller: it may be starting. Try again in a moment.\n";
  return "This does not come from a Deis controller; is the address right?\n";
}

// An answer of anybody: what a terminal would act on is left out.
std::string harmless(std::string_view text) {
  std::string shown;
  for (const char c : to_valid_utf8(text.substr(0, kMostRaw))) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte >= 0x20 && byte != 0x7f) shown += c;
    if (c == '\n' || c == '\t') shown += c;
  }
  return shown;
}

Task<Answer> send(net::HttpClient client, net::Request request, Deadline deadline) {
  net::Response response = co_await client.send(std::move(request), deadline);
  Answer answer;
  answer.status = response.status;
  answer.reason = std::move(response.reason);
  answer.headers = std::move(response.headers);
  answer.body = std::move(response.body);
  co_return answer;
}

void warn_of_version(const net::Headers& headers) {
  static bool warned = false;
  const std::string theirs = headers.get("DEIS_API_VERSION");
  if (warned || theirs.empty() || theirs == kApiVersion) return;
  warned = true;
  std::cerr << " !    WARNING: the controller speaks version " << harmless(theirs)
            << " of the API, this deis " << kApiVersion << "\n";
}

}  // namespace

std::string shown_error(const Answer& answer) {
  std::string text = fmt::format("\n{} {}\n", answer.status, harmless(answer.reason));
  json::value body;
  try {
    body = json::parse(answer.body);
  } catch (const Error&) {
    // Not JSON: shown as it is.
  }
  const auto* object = body.if_object();
  if (!object) {
    const std::string raw = harmless(trim(answer.body));
    return text + (raw.empty() ? "" : raw + "\n") + hint_for(answer, false);
  }
  for (const auto& member : *object) {
    const std::string key(member.key());
    const auto line = [&](const json::value& v) {
      if (v.is_string()) text += fmt::format("{}: {}\n", key, harmless(std::string(v.get_string())));
    };
    line(member.value());
    if (!member.value().is_array()) continue;
    for (const auto& element : member.value().get_array()) line(element);
  }
  return text + hint_for(answer, true);
}

Api::Api(Loop& loop, Access access) : loop_(loop), access_(std::move(access)) {}

net::Request Api::request(const std::string& method, const std::string& path, bool with_token) const {
  net::Request request;
  request.method = method;
  request.target = path;
  request.headers.set("Host", access_.url.authority());
  request.headers.set("Content-Type", "application/json");
  request.headers.set("User-Agent", fmt::format("Deis Client v{}", kVersion));
  if (with_token && !access_.token.empty()) request.headers.set("Authorization", "token " + access_.token);
  if (!request_id_.empty()) request.headers.set("X-Request-Id", request_id_);
  return request;
}

net::HttpClient Api::client() const {
  net::HttpClient::Options options;
  const bool tls = access_.url.tls;
  net::TlsOptions checks;
  checks.verify = access_.ssl_verify;
  options.dial = [tls, checks](net::Endpoint to, Deadline deadline) {
    const Deadline connected = std::min(deadline, in(kConnectLimit));
    return tls ? net::tls_connect(std::move(to), checks, connected) : net::connect(std::move(to), connected);
  };
  auto endpoint = net::Endpoint::tcp(access_.url.host, access_.url.port);
  return net::HttpClient(loop_.executor(), std::move(endpoint), std::move(options));
}

Answer Api::call(net::Request request) {
  request.headers.set("Connection", "close");
  const std::string url = url_of(request.target);
  const auto limit = limit_.value_or(limit_of(request.method));
  try {
    Answer answer = loop_.run(send(client(), std::move(request), in(limit)));
    warn_of_version(answer.headers);
    return answer;
  } catch (const Error& error) {
    throw unreachable(url, error);
  }
}

// GET goes where it is sent, to another host without the token. What changes something does not: after 301
// and 302 it would arrive as a GET (contract §1.7).
Answer Api::follow(net::Request request, Answer redirect) {
  const auto original = access_;
  for (int i = 0; i < kMostRedirects && redirect.status >= 301 && redirect.status <= 308; ++i) {
    const std::string to = redirect.headers.get("Location");
    const bool is_path = to.starts_with('/') && !to.starts_with("//");
    if (!is_path) access_.url = ControllerUrl::parse(to);
    if (request.method != "GET") {
      const std::string where = access_.url.str();
      access_ = original;
      throw Error(
          ErrorCode::invalid, fmt::format("{} has moved to {}: log in there", original.url.str(), where));
    }
    if (access_.url.host != original.url.host) request.headers.set("Authorization", "");
    request.headers.set("Host", access_.url.authority());
    const auto path = is_path ? 0 : to.find('/', to.find("://") + 3);
    request.target = path == std::string::npos ? "/" : to.substr(path);
    redirect = call(request);
  }
  access_ = original;
  return redirect;
}

Answer Api::checked(net::Request request) {
  Answer answer = call(request);
  const bool moved =
      answer.status >= 301 && answer.status <= 308 && answer.status != 304 && answer.headers.find("Location");
  if (moved) answer = follow(std::move(request), std::move(answer));
  if (answer.status >= 400 || answer.status < 200) throw ApiError(answer.status, shown_error(answer));
  return answer;
}

json::value Api::parsed(const std::string& path, const Answer& answer) const {
  if (trim(answer.body).empty()) return nullptr;
  try {
    return json::parse(answer.body);
  } catch (const Error& error) {
    const bool html = trim(answer.body).starts_with('<');
    throw Error(
        ErrorCode::internal,
        fmt::format(
            "{} answered {}, not JSON ({})\nDoes a Deis controller answer there, or a proxy in front of it?",
            url_of(path),
            html ? "a web page" : "something else",
            error.what()));
  }
}

json::value Api::get(const std::string& path) {
  return parsed(path, checked(request("GET", path)));
}

std::optional<json::value> Api::find(const std::string& path) {
  try {
    return get(path);
  } catch (const ApiError& error) {
    if (error.status() == 404) return std::nullopt;
    throw;
  }
}

json::value Api::post(const std::string& path, const json::value& body) {
  net::Request sent = request("POST", path);
  sent.body = json::to_text(body);
  return parsed(path, checked(std::move(sent)));
}

json::value Api::post(const std::string& path) {
  return parsed(path, checked(request("POST", path)));
}

void Api::erase(const std::string& path, const std::optional<json::value>& body) {
  net::Request sent = request("DELETE", path);
  if (body) sent.body = json::to_text(*body);
  checked(std::move(sent));
}

std::string Api::get_text(const std::string& path) {
  return checked(request("GET", path)).body;
}

void Api::probe() {
  const Answer answer = call(request("GET", "/v1/", false));
  if (answer.status == 401) return;
  if (const std::string to = answer.headers.get("Location"); answer.status / 100 == 3 && !to.empty()) {
    throw Error(
        ErrorCode::invalid, fmt::format("{} sends everybody to {}: use that address", url_of("/v1/"), to));
  }
  throw Error(
      ErrorCode::invalid,
      fmt::format(
          "{} does not appear to be a valid Deis controller.\n"
          "Make sure that the Controller URI is correct and the server is running.\n"
          "It usually begins with deis., as in http://deis.example.com",
          url_of("/v1/")));
}

}  // namespace deis::cli
