#pragma once
// Several settings changed at once and nginx refuses them: finds those that it refuses, so that the others
// come into force. By halves: with one culprit among n changes, nginx is asked about 2 log2(n) times.

#include "core/net/task.h"
#include "router/settings.h"

#include <functional>
#include <span>
#include <string>
#include <vector>

namespace deis::router {

struct Elimination {
  struct Refused {
    SettingChange change;
    std::string reason;
  };
  SettingValues accepted;
  std::vector<Refused> refused;
  int attempts = 0;
};

// "" when the texts are good, else why not.
using Attempt = std::function<Task<std::string>(const SettingValues& texts)>;

// From `base`, takes over as many of `changes` as `attempt` lets pass. After `most` attempts what is left is
// refused untried. Once `changes` are exhausted each is either accepted or refused.
Task<Elimination> eliminate(
    SettingValues base, std::vector<SettingChange> changes, Attempt attempt, int most);

}  // namespace deis::router
