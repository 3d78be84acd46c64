#pragma once
// What `git push -o` may say.

#include <optional>
#include <string>
#include <vector>

namespace deis::builder {

struct PushOptions {
  std::optional<int> canary;  // per cent of the requests, 1 to 99: the release starts beside the live one
};

// Throws Error{invalid}, for the pusher, at an option that is not there or has a wrong value.
PushOptions parse_push_options(const std::vector<std::string>& options);

}  // namespace deis::builder
