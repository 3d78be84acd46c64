#include "controller/acme/gate.h"

#include "core/base/error.h"
#include "core/base/text.h"
#include "core/json/json.h"

namespace deis::controller::acme {
namespace {

constexpr int kServerTrouble = 500;
constexpr std::size_t kMaximumToken = 128;

// A token is a part of a key in etcd and of a path (RFC 8555 §8.3: base64url).
bool is_token(std::string_view text) {
  constexpr std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  return !text.empty() && text.size() <= kMaximumToken && text.find_first_not_of(alphabet) == text.npos;
}

// request_failure <status> <body> <method> <head>
Gate::Refusal read_refusal(const std::vector<std::string>& event) {
  const std::int64_t status = parse_int(event[1]).value_or(0);
  Gate::Refusal refusal{
      .failure = status >= kServerTrouble ? Failure::before_order : Failure::refused,
      .problem = read_problem(event[2]),
      .retry_after = std::nullopt};
  if (refusal.problem.detail.empty()) refusal.problem.detail = "the authority answered " + event[1];
  if (event.size() > 4) refusal.retry_after = read_retry_after(event[4], std::chrono::system_clock::now());
  return refusal;
}

net::HttpServer::Options server_options() {
  net::HttpServer::Options options;
  options.max_connections = 4;
  options.drain_timeout = std::chrono::seconds(0);
  return options;
}

}  // namespace

Gate::Gate(Executor executor, const std::string& socket, std::string domain, Publish publish, Log log)
    : domain_(std::move(domain)),
      publish_(std::move(publish)),
      log_(log),
      server_(
          executor,
          net::Endpoint::unix_socket(socket),
          [this](net::Request request) { return answer(std::move(request)); },
          log,
          server_options()) {}

Task<net::Reply> Gate::answer(net::Request request) {
  std::string why;
  try {
    const auto event = json::from<std::vector<std::string>>(json::parse(request.body));
    co_await take(event);
    co_return net::Reply::text(204, "");
  } catch (const Error& error) {
    if (error.code() == ErrorCode::canceled) throw;
    why = error.what();
  }
  log_.warning("a step of an order failed", {{"domain", domain_}, {"why", why}});
  refusal_ = Refusal{
      .failure = Failure::before_order,
      .problem = Problem{.type = "", .detail = why},
      .retry_after = std::nullopt};
  co_return net::Reply::text(503, why);
}

// The program may say what we do not know: that is none of our business.
Task<> Gate::take(std::vector<std::string> event) {
  const std::string name = event.empty() ? "" : event[0];
  if (name == "deploy_challenge" && event.size() == 4) {
    co_await publish(event[1], event[2], event[3]);
  } else if (name == "invalid_challenge" && event.size() >= 3) {
    refusal_ = Refusal{
        .failure = Failure::not_validated, .problem = read_challenge(event[2]), .retry_after = std::nullopt};
  } else if (name == "request_failure" && event.size() >= 3) {
    refusal_ = read_refusal(event);
  }
}

Task<> Gate::publish(std::string domain, std::string token, std::string answer) {
  if (domain != domain_ || !is_token(token) || !answer.starts_with(token + "."))
    throw Error(ErrorCode::invalid, "the authority set a challenge that is none of " + domain_);
  return publish_(std::move(token), std::move(answer));
}

}  // namespace deis::controller::acme
