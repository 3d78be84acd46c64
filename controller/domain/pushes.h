#pragma once
// The record of every git push (contract api.md §3.20).

#include "controller/domain/context.h"
#include "controller/domain/model.h"

namespace deis::controller {

class Pushes {
 public:
  explicit Pushes(Context& context) : context_(context) {}
  Task<Push> record(App app, Push push);  // sets uuid, app, owner and dates

 private:
  Context& context_;
};

}  // namespace deis::controller
