#include "core/etcd/session.h"

#include "core/base/error.h"
#include "core/net/backoff.h"

#include <boost/asio/this_coro.hpp>

namespace deis::etcd {
namespace {

constexpr auto kLeaseCallTime = std::chrono::seconds(5);
constexpr auto kRevokeTime = std::chrono::seconds(2);

}  // namespace

Session::Session(Executor executor, Client& client, std::chrono::seconds ttl, Log log)
    : client_(client), ttl_(ttl), log_(std::move(log)), changed_(executor) {}

void Session::set(std::string key, std::string value) {
  if (keys_.set(std::move(key), std::move(value))) changed_.notify();
}

void Session::unset(const std::string& key) {
  if (keys_.unset(key)) changed_.notify();
}

bool Session::in_step() const {
  return lease_ != 0 && keys_.missing(lease_).empty();
}

bool Session::is_there(const std::string& key) const {
  return lease_ != 0 && keys_.is_there(key);
}

Task<> Session::run(AtStop at_stop) {
  std::exception_ptr failure;
  try {
    co_await keep_in_step();
  } catch (...) {
    failure = std::current_exception();
  }
  co_await asio::this_coro::reset_cancellation_state(asio::disable_cancellation());
  if (at_stop == AtStop::revoke && lease_ != 0) {
    try {
      co_await client_.revoke(lease_, in(kRevokeTime));
    } catch (const Error& error) {
      log_.warning("could not revoke the lease, it expires by itself", {{"why", error.what()}});
    }
  }
  std::rethrow_exception(failure);
}

// Wanted state in, etcd made equal; ends only by a cancellation.
Task<> Session::keep_in_step() {
  net::Backoff backoff;
  bool well = true;
  for (;;) {
    std::string trouble;
    try {
      if (lease_ == 0 || std::chrono::steady_clock::now() >= renew_at_) co_await renew();
      co_await sync();
    } catch (const Error& error) {
      if (error.code() == ErrorCode::canceled) throw;
      if (error.code() == ErrorCode::not_found) forget_lease();
      trouble = error.what();
    }
    if (well && !trouble.empty()) log_.warning("keys cannot be written", {{"why", trouble}});
    if (!well && trouble.empty()) log_.info("keys are in step with etcd again");
    well = trouble.empty();
    if (trouble.empty()) {
      backoff.reset();
      co_await changed_.wait(renew_at_);
    } else {
      const auto pause = backoff.next();
      co_await net::sleep_for(pause);
    }
  }
}

Task<> Session::renew() {
  const auto begin = std::chrono::steady_clock::now();
  if (lease_ != 0) {
    const bool alive = co_await client_.keep_alive(lease_, in(kLeaseCallTime));
    if (!alive) forget_lease();
  }
  if (lease_ == 0) {
    lease_ = co_await client_.grant(ttl_, in(kLeaseCallTime));
  } else {
    co_await verify();
  }
  renew_at_ = begin + ttl_ / 3;
  const auto now = std::chrono::steady_clock::now();
  if (is_silent(now)) back_ = now;
  heard_ = now;
}

bool Session::is_silent(std::chrono::steady_clock::time_point now) const {
  return heard_ && now - *heard_ > ttl_ / 2;
}

bool Session::was_away(std::chrono::steady_clock::duration lately) const {
  const auto now = std::chrono::steady_clock::now();
  return is_silent(now) || (back_ && now - *back_ < lately);
}

Task<> Session::verify() {
  const auto keys = co_await client_.keys_of(lease_, in(kLeaseCallTime));
  keys_.lease_holds(keys);
}

Task<> Session::sync() {
  for (;;) {
    const auto operations = keys_.missing(lease_);
    if (operations.empty()) co_return;
    keys_.sent(operations);
    std::vector<Compare> always;
    std::vector<Operation> otherwise;
    auto call = client_.txn(std::move(always), operations, std::move(otherwise), in(kLeaseCallTime));
    co_await std::move(call);
    keys_.done(operations);
  }
}

void Session::forget_lease() {
  log_.warning("the lease is gone, writing all keys again under a new one");
  lease_ = 0;
  keys_.lease_lost();
}

}  // namespace deis::etcd
