#pragma once
// Session: one lease, kept alive, and the keys that shall exist as long as we do. When the lease is lost
// (etcd was away for longer than its TTL) a new one is granted and all keys are written again. Wanted state
// in, etcd made equal.

#include "core/base/log.h"
#include "core/etcd/wanted_keys.h"
#include "core/net/event.h"

#include <map>
#include <optional>

namespace deis::etcd {

class Session {
 public:
  // `ttl` 5 s or more; keep-alives go out every third of it.
  Session(Executor executor, Client& client, std::chrono::seconds ttl, Log log);

  // The key shall exist with this value; written as soon as possible, again whenever it must be. Cheap when
  // unchanged.
  void set(std::string key, std::string value);
  // Gone before anything that is set from now on is there.
  void unset(const std::string& key);
  // An earlier run may have left this key: unset() erases it even when we have not written it.
  void may_exist(const std::string& key) { keys_.may_exist(key); }
  const std::map<std::string, std::string>& wanted() const { return keys_.wanted(); }
  bool in_step() const;                         // whether etcd has everything wanted, as far as we know
  bool is_there(const std::string& key) const;  // whether etcd has this key as it is wanted

  // Whether etcd did not answer for so long that leases may have ended: now, or less than `lately` ago. What
  // others had under theirs may then be gone although they are well.
  bool was_away(std::chrono::steady_clock::duration lately) const;

  // What happens with the keys when run() is cancelled: `revoke` removes them at once (a component that
  // stops); `leave` lets them live until the lease expires (publisher: a restart must not make a gap).
  enum class AtStop { revoke, leave };
  Task<> run(AtStop at_stop);

 private:
  Task<> keep_in_step();
  Task<> sync();
  Task<> renew();
  Task<> verify();
  void forget_lease();
  bool is_silent(std::chrono::steady_clock::time_point now) const;

  Client& client_;
  std::chrono::seconds ttl_;
  Log log_;
  LeaseId lease_ = 0;
  Deadline renew_at_{};
  std::optional<std::chrono::steady_clock::time_point> heard_,
      back_;  // last answer; first one after a silence
  WantedKeys keys_;
  net::Event changed_;
};

}  // namespace deis::etcd
