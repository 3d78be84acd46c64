#pragma once
// The containers of an app: how many of each type, in which state (contract api.md §3.9, §3.15, §5.4, §5.8).

#include "controller/domain/context.h"
#include "controller/domain/model.h"
#include "controller/domain/page.h"
#include "controller/domain/process_types.h"
#include "controller/events/cause.h"

namespace deis::controller {

struct ContainerStatus {
  Container container;
  JobState state = JobState::initialized;
};

// Which containers of an app.
struct ContainerFilter {
  std::optional<std::string> type;
  std::optional<int> num;
};

class Formation {
 public:
  explicit Formation(Context& context) : context_(context) {}

  Task<Page<ContainerStatus>> list(
      App app, std::optional<std::string> type, PageRequest page);  // oldest first
  Task<ContainerStatus> get(App app, std::string type, int num);    // Error{not_found}
  Task<> scale(App app, User by, Counts wanted, Cause cause);
  // The selected ones, state read after it.
  Task<std::vector<ContainerStatus>> restart(App app, ContainerFilter filter, Cause cause);

 private:
  Task<> scale_locked(App app, User by, Counts wanted, Cause cause);
  Task<std::vector<ContainerStatus>> restart_locked(App app, ContainerFilter filter, Cause cause);
  Task<std::vector<ContainerStatus>> with_states(App app, std::vector<Container> containers);

  Context& context_;
};

}  // namespace deis::controller
