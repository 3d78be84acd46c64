#include "core/etcd/client.h"

#include "core/base/error.h"
#include "core/etcd/watch.h"
#include "core/etcd/wire.h"
#include "core/net/http_client.h"

#include <algorithm>
#include <iterator>

namespace deis::etcd {

namespace {

constexpr auto kPageTime = std::chrono::seconds(10);  // etcd is away when a page takes longer
// Compaction may take the revision of a list away between two of its pages. It is rare (etcd's is hourly):
// who meets it this often is better told.
constexpr int kListRounds = 5;
constexpr auto kListPause = std::chrono::milliseconds(20);

net::HttpClient::Options http_options(const Paging& paging) {
  net::HttpClient::Options options;
  options.max_body = paging.bytes;
  return options;
}

}  // namespace

struct Client::State {
  State(const Executor& executor, const net::Endpoint& endpoint, const Paging& paging)
      : http(executor, endpoint, http_options(paging)), page(paging.entries) {}

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

  // "" when it does not fit into one answer and may be asked for in smaller pieces.
  Task<std::string> page_answer(std::string body, bool is_divisible, Deadline deadline) {
    const Deadline limit = std::min(deadline, in(kPageTime));
    try {
      co_return co_await call("kv/range", std::move(body), limit);
    } catch (const Error& error) {
      if (error.code() != ErrorCode::too_large || !is_divisible) throw;
    }
    co_return std::string();
  }

  // nullopt when etcd has forgotten the list's revision before its last page.
  Task<std::optional<Range>> list_once(std::string prefix, Deadline deadline) {
    Range range;
    std::size_t limit = page;
    for (bool more = true; more;) {
      const std::string last = range.entries.empty() ? std::string() : range.entries.back().key;
      std::string answer;
      try {
        answer = co_await page_answer(wire::page(prefix, last, range.revision, limit), limit > 1, deadline);
      } catch (const Error& error) {
        if (error.code() != ErrorCode::conflict) throw;
        co_return std::nullopt;
      }
      if (answer.empty()) {
        limit /= 2;
        continue;
      }
      wire::Page next = wire::read_page(answer);
      if (range.revision == 0) range.revision = next.revision;
      more = next.more && !next.entries.empty();
      std::ranges::move(next.entries, std::back_inserter(range.entries));
    }
    co_return range;
  }

  net::HttpClient http;
  const std::size_t page;
};

Client::Client(Executor executor, net::Endpoint endpoint, Paging paging)
    : state_(std::make_unique<State>(executor, endpoint, paging)) {}
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
  auto range = wire::read_page(answer);
  if (range.entries.empty()) co_return std::nullopt;
  co_return std::move(range.entries.front());
}

Task<Range> Client::list(std::string prefix, Deadline deadline) {
  for (int round = 0; round < kListRounds; ++round) {
    if (round > 0) co_await net::sleep_for(kListPause);
    auto range = co_await state_->list_once(prefix, deadline);
    if (range) co_return *std::move(range);
  }
  throw Error(ErrorCode::unavailable, "etcd forgets its history faster than " + prefix + " can be listed");
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
