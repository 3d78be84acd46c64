#include "controller/domain/key_keeper.h"

#include "controller/storage/secrets.h"
#include "core/base/text.h"
#include "core/net/backoff.h"

#include <fmt/format.h>

namespace deis::controller {
namespace {

constexpr int kBatch = 100;  // rows a transaction: it holds their locks
constexpr std::chrono::seconds kLimit{30};
constexpr std::chrono::minutes kWipeLimit{5};
constexpr std::chrono::milliseconds kPause{20};  // between transactions: requests come first

}  // namespace

KeysLost::KeysLost(const std::vector<std::string>& ids, const std::string& path)
    : Error(
          ErrorCode::unavailable,
          fmt::format(
              "the database holds secrets that were sealed with {}, which {} does not have: bring that file "
              "back "
              "from the backup that belongs to this database. Nothing was changed.",
              join(ids, ", "),
              path)) {}

KeyKeeper::KeyKeeper(
    Executor executor,
    pg::Database& database,
    Vault& vault,
    net::WorkerPool& workers,
    FindDirectory find_directory,
    Log log)
    : database_(database),
      vault_(vault),
      workers_(workers),
      find_directory_(std::move(find_directory)),
      log_(std::move(log)),
      changed_(std::move(executor)) {}

std::string KeyKeeper::why_closed() const {
  if (!lost_) return "";
  return "The controller has lost the keys of its secrets: its operator must bring them back.";
}

Task<> KeyKeeper::open() {
  const std::string directory = co_await find_directory_();
  file_.emplace(directory);
  auto ring = co_await read_ring();
  try {
    co_await check_used_keys(ring);
    lost_ = false;
  } catch (const KeysLost&) {
    lost_ = true;
    throw;
  }
  if (!ring) ring = co_await make_ring();
  auto db = database_.session(in(kLimit));
  co_await storage::add_vault_key(db, ring->keys.back().id);
  ring_ = std::move(*ring);
  vault_.use(ring_);
  co_await seal_plain();
  changed_.notify();
}

Task<std::optional<KeyRing>> KeyKeeper::read_ring() {
  std::optional<KeyRing> ring;
  std::function<void()> work = [&] { ring = file_->read(); };
  co_await workers_.run(std::move(work));
  co_return ring;
}

// Of several controllers that start at once one makes it; the others read what it made.
Task<KeyRing> KeyKeeper::make_ring() {
  KeyRing ring;
  bool made = false;
  std::function<void()> work = [&] {
    ring = ring.with(make_master_key());
    made = file_->create(ring);
    if (!made) ring = file_->read().value();
  };
  co_await workers_.run(std::move(work));
  if (made) {
    log_.info("key ring made", {{"path", file_->path().string()}, {"key", ring.keys.back().id}});
  }
  co_return ring;
}

// A key that no row uses is forgotten; the database itself refuses to forget any other.
Task<> KeyKeeper::check_used_keys(const std::optional<KeyRing>& ring) {
  auto db = database_.session(in(kLimit));
  const auto used = co_await storage::list_vault_keys(db);
  std::vector<std::string> missing;
  for (const auto& id : used) {
    if (ring && ring->has(id)) continue;
    const bool unused = co_await storage::remove_vault_key(db, id);
    if (!unused) missing.push_back(id);
  }
  if (!missing.empty()) throw KeysLost(missing, file_->path().string());
}

Task<> KeyKeeper::seal_plain() {
  std::int64_t total = 0;
  for (int count = 1; count > 0;) {
    count = co_await storage::seal_plain_rows(database_, kBatch, in(kLimit));
    total += count;
  }
  if (total == 0) co_return;
  log_.info("plain secrets sealed", {{"rows", total}});
  try {
    auto db = database_.session(in(kWipeLimit));
    co_await storage::wipe_replaced_rows(db);
  } catch (const Error& error) {
    if (error.code() == ErrorCode::canceled) throw;
    log_.warning(
        "traces of plain secrets stay on the database's disk until VACUUM FULL", {{"why", error.what()}});
  }
}

Task<std::string> KeyKeeper::begin_rotation() {
  if (ring_.keys.empty()) throw Error(ErrorCode::unavailable, "the key ring is not open yet");
  if (changing_ || ring_.keys.size() > 1) {
    throw Error(ErrorCode::conflict, "a rotation is under way: wait for its end");
  }
  MasterKey key = make_master_key();
  const std::string id = key.id;
  KeyRing next = ring_.with(std::move(key));
  changing_ = true;
  std::exception_ptr failure;
  try {
    co_await replace_ring(next);
    auto db = database_.session(in(kLimit));
    co_await storage::add_vault_key(db, id);
  } catch (...) {
    failure = std::current_exception();
  }
  changing_ = false;
  if (failure) std::rethrow_exception(failure);
  ring_ = std::move(next);
  vault_.use(ring_);
  log_.info("key rotation begins", {{"key", id}});
  changed_.notify();
  co_return id;
}

Task<> KeyKeeper::replace_ring(KeyRing ring) {
  std::function<void()> work = [&] { file_->replace(ring); };
  co_await workers_.run(std::move(work));
}

Task<KeyStatus> KeyKeeper::status() {
  KeyStatus status{.keys = ring_.keys, .problem = problem_};
  for (MasterKey& key : status.keys) key.secret.clear();
  auto db = database_.session(in(kLimit));
  for (std::size_t i = 0; i + 1 < status.keys.size(); ++i) {
    status.remaining += co_await storage::count_rows_sealed_by(db, status.keys[i].id);
  }
  co_return status;
}

Task<> KeyKeeper::run() {
  net::Backoff backoff;
  for (;;) {
    while (ring_.keys.size() < 2) co_await changed_.wait(Deadline::max());
    std::chrono::milliseconds pause = kPause;
    try {
      co_await move_rows();
      problem_.clear();
      backoff.reset();
    } catch (const std::exception& error) {
      const auto* ours = dynamic_cast<const Error*>(&error);
      if (ours && ours->code() == ErrorCode::canceled) throw;
      problem_ = error.what();
      pause = backoff.next();
      log_.warning("key rotation has to wait", {{"why", problem_}});
    }
    co_await net::sleep_for(pause);
  }
}

// One transaction's worth; when there is nothing left, the end of the oldest key.
Task<> KeyKeeper::move_rows() {
  const std::string oldest = ring_.keys.front().id;
  const int count = co_await storage::reseal_rows(database_, oldest, kBatch, in(kLimit));
  if (count == 0) co_await drop_key(oldest);
}

Task<> KeyKeeper::drop_key(std::string id) {
  auto db = database_.session(in(kLimit));
  const bool unused = co_await storage::remove_vault_key(db, id);
  if (!unused) throw Error(ErrorCode::unavailable, "rows still use the key " + id);
  KeyRing next = ring_.without(id);
  co_await replace_ring(next);
  ring_ = std::move(next);
  vault_.use(ring_);
  log_.info("key dropped: no row uses it", {{"key", id}, {"newest", vault_.newest()}});
}

}  // namespace deis::controller
