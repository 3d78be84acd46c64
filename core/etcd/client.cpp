#include "core/etcd/client.h"

#include "core/base/error.h"
#include "core/etcd/watch.h"
#include "core/etcd/wire.h"
#include "core/net/http_client.h"

namespace deis::etcd {

struct Client::State {
  State(const Executor& executor, const net::Endpoint& endpoint) : http(executor, endpoint) {}

  Task<std::string> call(const char* method, std::string body, Deadline deadline) {
    net::Request request;
    request.method = "POST";
    request.target = std::string("/v3/") + method;
    request.headers.set("Content-Type", "application/json");
    request.body = std::move(body);
    auto response = co_await http.send(std::move(request), deadline);
    if (response.status != 200) throw wire::read_failure(response.status, response.body);
    co_return std::move(response.body);
  }

  net::HttpClient http;
};

Client::Client(Executor executor, net::Endpoint endpoint)
    : state_(std::make_unique<State>(executor, endpoint)) {}
Client::~Client() = default;

Task<Revision> Client::put(std::string key, std::string value, Deadline deadline, LeaseId lease) {
  const auto answer = co_await state_->call("kv/put", wire::put(key, value, lease), deadline);
  co_return wire::read_revision(answer);
}

Task<bool> Client::create(std::string key, std::string value, Deadline deadline, LeaseId lease) {
  std::vector<Compare> absent(1);
  absent.front().key = key;
  std::vector<Operation> put(1);
  put.front() = Operation{.key = std::move(key), .value = std::move(value), .lease = lease};
  std::vector<Operation> nothing;
  auto call = txn(std::move(absent), std::move(put), std::move(nothing), deadline);
  const auto result = co_await std::move(call);
  co_return result.succeeded;
}

Task<std::optional<KeyValue>> Client::get(std::string key, Deadline deadline) {
  const auto answer = co_await state_->call("kv/range", wire::one_key(key), deadline);
  auto range = wire::read_range(answer);
  if (range.entries.empty()) co_return std::nullopt;
  co_return std::move(range.entries.front());
}

Task<Range> Client::list(std::string prefix, Deadline deadline) {
  const auto answer = co_await state_->call("kv/range", wire::key_prefix(prefix), deadline);
  co_return wire::read_range(answer);
}

Task<bool> Client::erase(std::string key, Deadline deadline) {
  const auto answer = co_await state_->call("kv/deleterange", wire::one_key(key), deadline);
  co_return wire::read_deleted(answer) > 0;
}

Task<std::int64_t> Client::erase_prefix(std::string prefix, Deadline deadline) {
  const auto answer = co_await state_->call("kv/deleterange", wire::key_prefix(prefix), deadline);
  co_return wire::read_deleted(answer);
}

Task<TxnResult> Client::txn(
    std::vector<Compare> compares,
    std::vector<Operation> success,
    std::vector<Operation> failure,
    Deadline deadline) {
  const auto answer = co_await state_->call("kv/txn", wire::txn(compares, success, failure), deadline);
  co_return wire::read_txn(answer);
}

Task<LeaseId> Client::grant(std::chrono::seconds ttl, Deadline deadline) {
  const auto answer = co_await state_->call("lease/grant", wire::grant(ttl), deadline);
  co_return wire::read_lease(answer);
}

Task<bool> Client::keep_alive(LeaseId lease, Deadline deadline) {
  const auto answer = co_await state_->call("lease/keepalive", wire::lease_id(lease), deadline);
  co_return wire::read_keep_alive_ttl(answer) > 0;
}

Task<std::vector<std::string>> Client::keys_of(LeaseId lease, Deadline deadline) {
  const auto answer = co_await state_->call("lease/timetolive", wire::lease_keys(lease), deadline);
  co_return wire::read_lease_keys(answer);
}

Task<> Client::revoke(LeaseId lease, Deadline deadline) {
  co_await state_->call("lease/revoke", wire::lease_id(lease), deadline);
}

Task<std::unique_ptr<Watch>> Client::watch(std::string prefix, Revision start, Deadline deadline) {
  return open_watch(state_->http, std::move(prefix), start, deadline);
}

}  // namespace deis::etcd
