#include "builder/push_options.h"

#include "core/base/error.h"
#include "core/base/text.h"

#include <fmt/format.h>

#include <string_view>

namespace deis::builder {

PushOptions parse_push_options(const std::vector<std::string>& options) {
  constexpr std::string_view kCanary = "canary=";
  PushOptions parsed;
  for (const std::string_view option : options) {
    if (!option.starts_with(kCanary))
      throw Error(
          ErrorCode::invalid,
          fmt::format("there is no push option '{}': there is canary=<per cent of the requests>", option));
    const auto weight = parse_int(option.substr(kCanary.size()));
    if (!weight || *weight < 1 || *weight > 99)
      throw Error(
          ErrorCode::invalid,
          fmt::format(
              "'{}' is not a part of the requests: canary must be a number from 1 to 99",
              option.substr(kCanary.size())));
    parsed.canary = static_cast<int>(*weight);
  }
  return parsed;
}

}  // namespace deis::builder
