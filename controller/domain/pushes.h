#pragma once
// The record of every git push (contract api.md §3.20).

#include "controller/domain/context.h"
#include "controller/domain/model.h"

namespace deis::controller {

class Pushes {
 public:
  explicit Pushes(Context& context) : context_(context) {}
  // Sets uuid, app, owner and dates. Error{conflict} when a canary keeps other releases from being made.
  Task<Push> record(App app, Push push);

 private:
  Context& context_;
};

}  // namespace deis::controller
