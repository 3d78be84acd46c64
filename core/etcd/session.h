#pragma once
// Session: one lease, kept alive, and the keys that shall exist as long as we do. When the lease is lost
// (etcd was away for longer than its TTL) a new one is granted and all keys are written again. Wanted state
// in, etcd made equal.

#include "core/base/log.h"
#include "core/etcd/client.h"
#include "core/net/event.h"

#include <map>

namespace deis::etcd {

class Session {
 public:
  // `ttl` 5 s or more; keep-alives go out every third of it.
  Session(Executor executor, Client& client, std::chrono::seconds ttl, Log log);

  // The key shall exist with this value; written as soon as possible, again whenever it must be. Cheap when
  // unchanged.
  void set(std::string key, std::string value);
  void unset(const std::string& key);
  const std::map<std::string, std::string>& wanted() const { return wanted_; }
  bool in_step() const;  // whether etcd has everything wanted, as far as we know

  // What happens with the keys when run() is cancelled: `revoke` removes them at once (a component that
  // stops); `leave` lets them live until the lease expires (publisher: a restart must not make a gap).
  enum class AtStop { revoke, leave };
  Task<> run(AtStop at_stop);

 private:
  Task<> keep_in_step();
  Task<> sync();
  Task<> renew();
  Task<> verify();
  std::vector<Operation> missing_writes() const;
  void note_sent(const std::vector<Operation>& operations);
  void note_done(const std::vector<Operation>& operations);
  void forget_lease();

  Client& client_;
  std::chrono::seconds ttl_;
  Log log_;
  LeaseId lease_ = 0;
  Deadline renew_at_{};
  std::map<std::string, std::string> wanted_;
  std::map<std::string, std::optional<std::string>>
      written_;  // nullopt: sent, but nobody knows whether it arrived
  net::Event changed_;
};

}  // namespace deis::etcd
