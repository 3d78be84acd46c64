#include "core/etcd/mirror.h"

#include "core/base/error.h"
#include "core/net/task.h"

namespace deis::etcd {
namespace {

constexpr auto kListTime = std::chrono::seconds(60);   // of all pages; a single one is bounded by the client
constexpr auto kWatchTime = std::chrono::seconds(10);  // until it is there
// A living watch says something every few seconds (etcd's progress notices). One that is silent for this long
// may be cut off without knowing it.
constexpr auto kSilence = std::chrono::seconds(20);

}  // namespace

Mirror::Mirror(Client& client, std::string prefix, Log log)
    : client_(client), prefix_(std::move(prefix)), log_(log.with("prefix", prefix_)) {}

Task<> Mirror::run(OnUpdate on_update) {
  for (;;) {
    const MirrorUpdate update = co_await next_update();
    apply(update);
    co_await on_update(update);
  }
}

// Survives etcd being away; every doubt leads back to list().
Task<MirrorUpdate> Mirror::next_update() {
  for (;;) {
    std::string trouble;
    try {
      if (in_doubt_) co_return co_await list();
      auto update = co_await follow();
      if (update.revision != 0) co_return update;
      in_doubt_ = true;
    } catch (const Error& error) {
      if (error.code() == ErrorCode::canceled) throw;
      trouble = error.what();
    }
    if (trouble.empty()) continue;
    if (connected_ || !synced_) log_.warning("etcd cannot be followed, listing again", {{"why", trouble}});
    connected_ = false;
    in_doubt_ = true;
    const auto pause = backoff_.next();
    co_await net::sleep_for(pause);
  }
}

Task<MirrorUpdate> Mirror::list() {
  watch_.reset();
  const Range range = co_await client_.list(prefix_, in(kListTime));
  in_doubt_ = false;
  MirrorUpdate update;
  update.changes = difference(entries_, range.entries);
  update.revision = range.revision;
  co_return update;
}

Task<MirrorUpdate> Mirror::follow() {
  if (!watch_) watch_ = co_await client_.watch(prefix_, revision_ + 1, in(kWatchTime));
  connected_ = true;
  WatchBatch batch = co_await watch_->next(in(kSilence));
  backoff_.reset();
  MirrorUpdate update;
  update.changes = std::move(batch.changes);
  update.revision = batch.revision;
  co_return update;
}

void Mirror::apply(const MirrorUpdate& update) {
  for (const auto& change : update.changes) {
    if (change.deleted) {
      entries_.erase(change.entry.key);
    } else {
      entries_[change.entry.key] = change.entry;
    }
  }
  revision_ = update.revision;
  synced_ = true;
}

std::vector<Change> difference(
    const std::map<std::string, KeyValue>& before, const std::vector<KeyValue>& after) {
  std::vector<Change> changes;
  auto old = before.begin();
  const auto report_gone = [&] {
    changes.push_back(Change{.deleted = true, .entry = KeyValue{.key = old->first}});
    ++old;
  };
  for (const auto& entry : after) {  // both are sorted by key
    while (old != before.end() && old->first < entry.key) report_gone();
    const bool known = old != before.end() && old->first == entry.key;
    if (!known || old->second.mod_revision != entry.mod_revision) {
      changes.push_back(Change{.deleted = false, .entry = entry});
    }
    if (known) ++old;
  }
  while (old != before.end()) report_gone();
  return changes;
}

}  // namespace deis::etcd
