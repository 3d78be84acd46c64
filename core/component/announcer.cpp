#include "core/component/announcer.h"

#include "core/base/error.h"
#include "core/net/http_client.h"

#include <boost/asio/this_coro.hpp>

namespace deis::component {

Announcer::Announcer(etcd::Session& session, std::string key, std::string value, Probe probe, Log log)
    : Announcer(session, std::move(key), std::move(value), std::move(probe), std::move(log), Timing()) {}

Announcer::Announcer(
    etcd::Session& session, std::string key, std::string value, Probe probe, Log log, Timing timing)
    : session_(session),
      key_(std::move(key)),
      value_(std::move(value)),
      probe_(std::move(probe)),
      log_(log.with("key", key_)),
      timing_(timing) {}

void Announcer::set_value(std::string value) {
  value_ = std::move(value);
  if (announced_) session_.set(key_, value_);
}

Task<> Announcer::run() {
  for (int misses = 0;;) {
    const std::string failure = co_await probe_failure();
    if (failure.empty()) {
      misses = 0;
      announce();
    } else if (++misses >= timing_.failures) {
      withdraw(failure);
    }
    const auto pause = announced_ ? timing_.interval : timing_.first_interval;
    co_await net::sleep_for(pause);
  }
}

Task<std::string> Announcer::probe_failure() {
  try {
    const bool well = co_await probe_(in(timing_.limit));
    if (well) co_return "";
    co_return "the probe did not pass";
  } catch (const Error& error) {
    if (error.code() == ErrorCode::canceled) throw;
    co_return error.what();
  }
}

void Announcer::announce() {
  if (announced_) return;
  announced_ = true;
  session_.set(key_, value_);
  log_.info("announced", {{"value", value_}});
}

void Announcer::withdraw(const std::string& why) {
  if (!announced_) return;
  announced_ = false;
  session_.unset(key_);
  log_.warning("no longer announced", {{"why", why}});
}

namespace {

Task<bool> accepts(net::Endpoint endpoint, Deadline deadline) {
  const auto stream = co_await net::connect(std::move(endpoint), deadline);
  co_return true;
}

Task<bool> answers_200(net::Endpoint endpoint, std::string path, Deadline deadline) {
  net::HttpClient http(co_await asio::this_coro::executor, std::move(endpoint));
  net::Request request;
  request.target = std::move(path);
  const auto response = co_await http.send(std::move(request), deadline);
  co_return response.status == 200;
}

}  // namespace

Announcer::Probe tcp_probe(net::Endpoint endpoint) {
  return [endpoint = std::move(endpoint)](Deadline deadline) { return accepts(endpoint, deadline); };
}

Announcer::Probe http_probe(net::Endpoint endpoint, std::string path) {
  return [endpoint = std::move(endpoint), path = std::move(path)](Deadline deadline) {
    return answers_200(endpoint, path, deadline);
  };
}

}  // namespace deis::component
