#pragma once
// Removes the repositories of destroyed apps. The disappearance of an app's key in etcd is only the hint to
// ask; the controller's explicit "Not found" is the reason.

#include "builder/housekeeper.h"
#include "builder/pipeline.h"
#include "core/etcd/mirror.h"
#include "core/net/event.h"

namespace deis::builder {

class Sweeper {
 public:
  Sweeper(
      Executor executor,
      etcd::Client& etcd,
      ControllerClient& controller,
      Repositories& repositories,
      Pipeline& pipeline,
      Housekeeper& housekeeper,
      Log log);
  Task<> follow();  // two parts of the daemon: watches etcd,
  Task<> run();     // and sweeps on a hint and every ten minutes

 private:
  // Whether there is a repository without a route whose app the controller still knows. An app loses its
  // route before its row: soon the answer may be another.
  Task<bool> sweep();
  etcd::Mirror apps_;
  net::Event hint_;
  ControllerClient& controller_;
  Repositories& repositories_;
  Pipeline& pipeline_;
  Housekeeper& housekeeper_;
  Log log_;
};

}  // namespace deis::builder
