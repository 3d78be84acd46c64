#pragma once
// Mirror keeps a local copy of a prefix and tells what changed. A watch is a hint: after an error, a
// compaction or a reconnect it lists again, diffs, and reports only differences, so that a consumer never
// sees a gap or a phantom.

#include "core/base/log.h"
#include "core/etcd/client.h"
#include "core/net/backoff.h"

#include <functional>
#include <map>

namespace deis::etcd {

struct MirrorUpdate {
  std::vector<Change> changes;  // may be empty: only the revision moved
  Revision revision = 0;        // the copy equals the prefix at this revision
};

class Mirror {
 public:
  using OnUpdate = std::function<Task<>(const MirrorUpdate&)>;
  Mirror(Client& client, std::string prefix, Log log);

  // Runs until cancelled; calls `on_update` first with the whole content as changes, then with every
  // difference, in order. etcd being away is survived (back-off, last state kept). A failure of `on_update`
  // ends run() with it.
  Task<> run(OnUpdate on_update);

  const std::map<std::string, KeyValue>& entries() const { return entries_; }
  bool synced() const { return synced_; }  // whether at least one list succeeded
  bool connected() const { return connected_; }
  Revision revision() const { return revision_; }

 private:
  Task<MirrorUpdate> next_update();
  Task<MirrorUpdate> list();
  Task<MirrorUpdate> follow();
  void apply(const MirrorUpdate& update);

  Client& client_;
  std::string prefix_;
  Log log_;
  std::map<std::string, KeyValue> entries_;
  Revision revision_ = 0;
  bool synced_ = false, connected_ = false;
  bool in_doubt_ = true;  // the copy may have missed something: list before anything else
  std::unique_ptr<Watch> watch_;
  net::Backoff backoff_;
};

// What turns `before` into `after`: changed and new entries, and a deletion for each that is gone. Pure.
std::vector<Change> difference(
    const std::map<std::string, KeyValue>& before, const std::vector<KeyValue>& after);

}  // namespace deis::etcd
