#pragma once
// What caused an operation, for those who follow it.

#include <string>

namespace deis::controller {

struct Cause {
  std::string request_id;  // X-Request-Id of the call; "" when there was none
};

}  // namespace deis::controller
