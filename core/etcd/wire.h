#pragma once
// The JSON of etcd's gateway, as pure functions: keys and values are base64, 64-bit integers are text, and
// whatever is zero is left out. Decoding throws Error{invalid} for what is not an answer of etcd.

#include "core/base/error.h"
#include "core/etcd/client.h"

#include <string>
#include <string_view>

namespace deis::etcd::wire {

std::string put(std::string_view key, std::string_view value, LeaseId lease);
std::string one_key(std::string_view key);        // for /kv/range and /kv/deleterange
std::string key_prefix(std::string_view prefix);  // same, all keys that start with it
// For /kv/range: at most `limit` of the keys that start with `prefix`, behind `last` ("": from the first on),
// as they were at revision `at` (0: now).
std::string page(std::string_view prefix, std::string_view last, Revision at, std::size_t limit);
std::string txn(
    const std::vector<Compare>& compares,
    const std::vector<Operation>& success,
    const std::vector<Operation>& failure);
std::string grant(std::chrono::seconds ttl);
std::string lease_id(LeaseId lease);
std::string lease_keys(LeaseId lease);  // for /lease/timetolive
std::string watch(std::string_view prefix, Revision start);

Revision read_revision(std::string_view answer);  // of the store, from the header
struct Page : Range {
  bool more = false;  // keys are left behind the last one
};
Page read_page(std::string_view answer);
std::int64_t read_deleted(std::string_view answer);
TxnResult read_txn(std::string_view answer);
LeaseId read_lease(std::string_view answer);
std::vector<std::string> read_lease_keys(std::string_view answer);  // sorted
std::int64_t read_keep_alive_ttl(std::string_view answer);          // 0: the lease is gone

// One message of a watch stream.
struct WatchMessage {
  bool created = false;    // the watch exists now
  bool compacted = false;  // the history it asked for is gone
  std::string failure;     // why the server ended it, else empty
  WatchBatch batch;
};
WatchMessage read_watch(std::string_view line);

// What an answer with an HTTP status other than 200 means.
Error read_failure(int status, std::string_view answer);

}  // namespace deis::etcd::wire
