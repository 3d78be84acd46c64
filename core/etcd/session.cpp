#include "core/etcd/session.h"

#include "core/base/error.h"
#include "core/net/backoff.h"

#include <boost/asio/this_coro.hpp>

#include <algorithm>

namespace deis::etcd {
namespace {

constexpr auto kCallTime = std::chrono::seconds(5);
constexpr auto kRevokeTime = std::chrono::seconds(2);
constexpr std::size_t kMaxOperations = 100;  // etcd's own limit for a transaction is 128

}  // namespace

Session::Session(Executor executor, Client& client, std::chrono::seconds ttl, Log log)
    : client_(client), ttl_(ttl), log_(std::move(log)), changed_(executor) {}

void Session::set(std::string key, std::string value) {
  auto [place, inserted] = wanted_.try_emplace(std::move(key), value);
  if (!inserted && place->second == value) return;
  place->second = std::move(value);
  changed_.notify();
}

void Session::unset(const std::string& key) {
  if (wanted_.erase(key) > 0) changed_.notify();
}

bool Session::in_step() const {
  return lease_ != 0 && missing_writes().empty();
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
    const bool alive = co_await client_.keep_alive(lease_, in(kCallTime));
    if (!alive) forget_lease();
  }
  if (lease_ == 0) {
    lease_ = co_await client_.grant(ttl_, in(kCallTime));
  } else {
    co_await verify();
  }
  renew_at_ = begin + ttl_ / 3;
}

// Somebody else may have removed or overwritten our keys; those are no longer under our lease.
Task<> Session::verify() {
  const auto keys = co_await client_.keys_of(lease_, in(kCallTime));
  std::erase_if(written_, [&](const auto& entry) { return !std::ranges::binary_search(keys, entry.first); });
}

Task<> Session::sync() {
  for (;;) {
    const auto operations = missing_writes();
    if (operations.empty()) co_return;
    note_sent(operations);
    std::vector<Compare> always;
    std::vector<Operation> otherwise;
    auto call = client_.txn(std::move(always), operations, std::move(otherwise), in(kCallTime));
    co_await std::move(call);
    note_done(operations);
  }
}

std::vector<Operation> Session::missing_writes() const {
  std::vector<Operation> operations;
  for (const auto& [key, value] : wanted_) {
    if (operations.size() == kMaxOperations) return operations;
    const auto found = written_.find(key);
    if (found != written_.end() && found->second == value) continue;
    operations.push_back(
        Operation{.kind = Operation::Kind::put, .key = key, .value = value, .lease = lease_});
  }
  for (const auto& [key, value] : written_) {
    if (operations.size() == kMaxOperations) return operations;
    if (!wanted_.contains(key)) operations.push_back(Operation{.kind = Operation::Kind::erase, .key = key});
  }
  return operations;
}

// An answer may get lost behind a write that happened; until it is there the key counts as neither old nor
// new.
void Session::note_sent(const std::vector<Operation>& operations) {
  for (const auto& operation : operations) written_[operation.key] = std::nullopt;
}

void Session::note_done(const std::vector<Operation>& operations) {
  for (const auto& operation : operations) {
    if (operation.kind == Operation::Kind::put) {
      written_[operation.key] = operation.value;
    } else {
      written_.erase(operation.key);
    }
  }
}

void Session::forget_lease() {
  log_.warning("the lease is gone, writing all keys again under a new one");
  lease_ = 0;
  written_.clear();  // they went with it
}

}  // namespace deis::etcd
