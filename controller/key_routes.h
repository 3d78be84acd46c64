#pragma once
// Keys on the admin address, which only this machine reaches; `deisctl rotate-key controller` uses them.
//   GET  /keys         {"keys":[{"id","created"}],"remaining":0,"problem":""}: oldest first, the last one
//   seals POST /keys/rotate  202 {"key":"<id>"}; 409 while a rotation is under way

#include "controller/domain/key_keeper.h"
#include "core/component/runtime.h"

namespace deis::controller {

void add_key_routes(component::Runtime& runtime, KeyKeeper& keys);

}  // namespace deis::controller
