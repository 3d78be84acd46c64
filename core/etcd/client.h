#pragma once
// etcd v3 through its JSON gateway. Every call has a deadline; etcd away or without quorum is
// Error{unavailable}. Keys and values are bytes. Loop thread only.

#include "core/net/stream.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace deis::etcd {

using Revision = std::int64_t;
using LeaseId = std::int64_t;  // 0: no lease

struct KeyValue {
  std::string key, value;
  Revision create_revision = 0, mod_revision = 0;
  LeaseId lease = 0;
};

struct Range {
  std::vector<KeyValue> entries;  // sorted by key
  Revision revision = 0;          // of the store at the time of the answer
};

// One condition and one operation of a transaction (etcd API: Txn).
struct Compare {
  enum class Target { create_revision, mod_revision, value };
  std::string key;
  Target target = Target::create_revision;
  std::int64_t number = 0;  // for the revisions; equality. create_revision 0: key is absent
  std::string value;
};
struct Operation {
  enum class Kind { put, erase, erase_prefix };
  Kind kind = Kind::put;
  std::string key, value;
  LeaseId lease = 0;
};
struct TxnResult {
  bool succeeded = false;
  Revision revision = 0;
};

struct Change {  // of a watched prefix
  bool deleted = false;
  KeyValue entry;  // value empty when deleted
};
struct WatchBatch {
  std::vector<Change> changes;  // empty for a progress notice
  Revision revision = 0;        // everything up to it has been reported
};

class Watch {
 public:
  virtual ~Watch() = default;
  // The next batch. Throws Error{unavailable} when the connection broke and Error{conflict} when the start
  // revision was compacted: list again. `deadline` passing without news is an empty batch with revision 0.
  virtual Task<WatchBatch> next(Deadline deadline) = 0;
};

// How list() asks: for as many entries at a time, in as many answers as it takes; for half of them when an
// answer were larger than this. So whatever fits into etcd can be listed, and no answer holds the thread up.
struct Paging {
  std::size_t entries = 200;
  std::size_t bytes = 16 * 1024 * 1024;  // of any answer; etcd's largest value is 2 MiB of it
};

class Client {
 public:
  Client(Executor executor, net::Endpoint endpoint, Paging paging = {});
  ~Client();

  Task<Revision> put(std::string key, std::string value, Deadline deadline, LeaseId lease = 0);
  // True when it was created, false when it existed (its value is left alone).
  Task<bool> create(std::string key, std::string value, Deadline deadline, LeaseId lease = 0);
  Task<std::optional<KeyValue>> get(std::string key, Deadline deadline);
  // All keys with `prefix`, as they were at one revision, however many pages and changes there are meanwhile.
  Task<Range> list(std::string prefix, Deadline deadline);
  Task<bool> erase(std::string key, Deadline deadline);  // whether it existed
  Task<std::int64_t> erase_prefix(std::string prefix, Deadline deadline);
  Task<TxnResult> txn(
      std::vector<Compare> compares,
      std::vector<Operation> success,
      std::vector<Operation> failure,
      Deadline deadline);

  Task<LeaseId> grant(std::chrono::seconds ttl, Deadline deadline);
  Task<bool> keep_alive(LeaseId lease, Deadline deadline);                   // false: the lease is gone
  Task<std::vector<std::string>> keys_of(LeaseId lease, Deadline deadline);  // that would go with it; sorted
  Task<> revoke(LeaseId lease, Deadline deadline);

  // Changes of all keys with `prefix` from `start` (a revision) on.
  Task<std::unique_ptr<Watch>> watch(std::string prefix, Revision start, Deadline deadline);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace deis::etcd
