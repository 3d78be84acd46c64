#pragma once
// Probes one container for as long as it is published, and tells its verdict. Loop thread only.

#include "core/base/log.h"
#include "core/net/event.h"
#include "publisher/checks.h"
#include "publisher/probe_state.h"
#include "publisher/target.h"

#include <functional>
#include <memory>
#include <optional>
#include <string>

namespace deis::publisher {

class ContainerWatch {
 public:
  using Tell = std::function<void(const ContainerWatch&)>;  // there may be another verdict
  ContainerWatch(Executor executor, Target target, Checks& checks, Tell tell, Log log);

  // It was up under our predecessor, which had seen it pass this.
  void resume(std::optional<std::string> passed);
  static Task<> run(std::shared_ptr<ContainerWatch> watch);  // until stop()
  void stop();                                               // says nothing any more
  void check_changed() { wake_.notify(); }

  const Target& target() const { return target_; }
  Target::Verdict verdict() const;

 private:
  Task<> wait_for_first_probe();
  Task<ProbeState::Time> probe_once();
  Task<ProbeResult> judge(component::HealthCheck check);
  void tell();

  Executor executor_;
  Target target_;
  Checks& checks_;
  Tell tell_;
  Log log_;
  ProbeState state_;
  std::optional<std::string> passed_;  // path of the check that it passed last; "" for a connection
  std::string note_;                   // a new check that it does not pass yet
  net::Event wake_;                    // its check changed, or it is to stop
  bool stopped_ = false;
};

}  // namespace deis::publisher
