#pragma once
// Probes one container for as long as it is published, and tells its verdict. Loop thread only.

#include "core/base/log.h"
#include "core/net/event.h"
#include "publisher/checks.h"
#include "publisher/probe.h"
#include "publisher/probe_state.h"
#include "publisher/target.h"

#include <functional>
#include <memory>
#include <optional>
#include <string>

namespace deis::publisher {

class ContainerWatch {
 public:
  using Tell = std::function<void(const ContainerWatch&)>;  // there is another verdict, or it fails on
  ContainerWatch(Executor executor, Target target, Checks& checks, Prober& prober, Tell tell, Log log);

  // It has been up under our predecessor, which had seen it pass this, and was left so.
  void resume(Health health, std::string passed);
  static Task<> run(std::shared_ptr<ContainerWatch> watch);  // until stop()
  void stop();                                               // says nothing any more
  void probe_now() { wake_.notify(); }

  const Target& target() const { return target_; }
  Health health() const { return state_.health(); }
  // How long it has failed, when that was told before and is long enough to restart it. Only of one that has
  // been up: a check that it never passed must not end it.
  std::optional<std::chrono::seconds> dead_for() const;
  Target::Verdict verdict() const;

 private:
  Task<> wait_for_first_probe();
  Task<ProbeState::Time> probe_once();
  Task<ProbeResult> judge(component::HealthCheck check);
  void note_misses(const ProbeResult& result, Health before, const component::HealthCheck& check);
  void tell();

  Target target_;
  Checks& checks_;
  Prober& prober_;
  Tell tell_;
  Log log_;
  ProbeState state_;
  std::optional<std::string> passed_;  // path of the check that it passed last; "" for a connection
  std::string note_;                   // a new check that it does not pass yet
  std::optional<Target::Verdict> told_;
  std::optional<Deadline> missing_since_;
  std::optional<std::chrono::seconds> dead_for_;
  net::Event wake_;  // its check changed, or it is to stop
  bool stopped_ = false;
};

}  // namespace deis::publisher
