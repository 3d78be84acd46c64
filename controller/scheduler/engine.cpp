#include "controller/scheduler/engine.h"

namespace deis::controller {

std::string_view name_of(JobState state) {
  switch (state) {
    case JobState::initialized:
      return "initialized";
    case JobState::created:
      return "created";
    case JobState::up:
      return "up";
    case JobState::down:
      return "down";
    case JobState::crashed:
      return "crashed";
    case JobState::error:
      return "error";
    case JobState::destroyed:
      return "destroyed";
  }
  return "error";
}

}  // namespace deis::controller
