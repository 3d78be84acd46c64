#pragma once
// Keeps the vault's keys: reads or makes the key ring before anybody reads a secret, refuses when the ring
// does not fit the database, seals what is plain, and moves all secrets to a new key when an operator asks
// for one. At every moment each key that a row uses is in the ring: a new key is durable there before it
// seals, and an old one goes only when the database confirms that no row uses it. A rotation that was broken
// off goes on at the next start. Loop thread only.

#include "controller/storage/pg/database.h"
#include "controller/vault/vault.h"
#include "core/base/error.h"
#include "core/base/log.h"
#include "core/net/event.h"
#include "core/net/offload.h"

#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace deis::controller {

// Rows are sealed with keys that the ring does not have.
class KeysLost : public Error {
 public:
  KeysLost(const std::vector<std::string>& ids, const std::string& path);
};

struct KeyStatus {
  std::vector<MasterKey> keys;  // without their secrets; oldest first
  std::int64_t remaining = 0;   // rows that wait for the newest key
  std::string problem;          // why they wait; "" when they do not
};

class KeyKeeper {
 public:
  // Where the ring's file is, absolute. Waits, and throws, like wait_for_volume().
  using FindDirectory = std::function<Task<std::string>()>;
  KeyKeeper(
      Executor executor,
      pg::Database& database,
      Vault& vault,
      net::WorkerPool& workers,
      FindDirectory find_directory,
      Log log);

  // Behind the migrations and before everything else. May be called again after a failure. Throws KeysLost;
  // changes nothing then.
  Task<> open();
  // What users are told while open() fails for want of keys; "" otherwise.
  std::string why_closed() const;

  // The id of the new key, which seals from now on. Error{conflict} while an earlier rotation goes on.
  Task<std::string> begin_rotation();
  Task<KeyStatus> status();
  // A part of the daemon: moves rows to the newest key.
  Task<> run();

 private:
  Task<std::optional<KeyRing>> read_ring();
  Task<KeyRing> make_ring();
  Task<> check_used_keys(const std::optional<KeyRing>& ring);
  Task<> seal_plain();
  Task<> move_rows();
  Task<> drop_key(std::string id);
  Task<> replace_ring(KeyRing ring);

  pg::Database& database_;
  Vault& vault_;
  net::WorkerPool& workers_;
  FindDirectory find_directory_;
  Log log_;
  net::Event changed_;
  std::optional<KeyFile> file_;
  KeyRing ring_;  // empty until open() succeeded
  bool lost_ = false, changing_ = false;
  std::string problem_;
};

}  // namespace deis::controller
