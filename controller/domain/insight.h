#pragma once
// What people ask beyond the contract's lists: how processes are, and what an earlier release was made of.

#include "controller/domain/context.h"
#include "controller/domain/model.h"
#include "controller/domain/page.h"

namespace deis::controller {

struct ProcessStatus {
  Container container;
  JobState state = JobState::initialized;
  std::string host;    // "" when it runs nowhere
  std::string detail;  // why it is not up
  int restarts = 0;    // how often it ended by itself
};

class Insight {
 public:
  explicit Insight(Context& context) : context_(context) {}

  Task<Page<ProcessStatus>> processes(App app, PageRequest page);  // oldest first
  Task<Config> config_of_release(App app, std::int64_t version);   // Error{not_found}

 private:
  Context& context_;
};

}  // namespace deis::controller
