#pragma once
// Changes of containers' states as "container" events, made from what two sides see: the engine (a container
// runs, crashed, is gone) and the publishers (a web container answers its probe). Loop thread only.

#include "controller/events/event_log.h"
#include "controller/scheduler/cluster_view.h"
#include "controller/scheduler/engine.h"

#include <map>
#include <string>

namespace deis::controller {

class ContainerFeed {
 public:
  explicit ContainerFeed(EventLog& log) : log_(log) {}

  void job_changed(const JobChange& change);
  void endpoint_changed(const JobName& job, const PublishedEndpoint* endpoint);  // nullptr: taken back

 private:
  struct Seen {
    std::string container, state, detail;
  };
  void tell(const JobName& job, Seen now);

  EventLog& log_;
  std::map<JobName, Seen> seen_;  // until they are destroyed
};

}  // namespace deis::controller
