#include "ctl/ignored_settings.h"

#include "core/base/error.h"
#include "core/json/json.h"

#include <fmt/format.h>

namespace deis::ctl {
namespace {

struct WireProblem {
  std::string key, value, reason;
};
BOOST_DESCRIBE_STRUCT(WireProblem, (), (key, value, reason))

}  // namespace

std::vector<std::string> ignored_settings(const std::vector<etcd::KeyValue>& entries) {
  std::vector<std::string> lines;
  for (const auto& entry : entries) {
    const std::string host = entry.key.substr(entry.key.rfind('/') + 1);
    try {
      for (const auto& problem : json::from<std::vector<WireProblem>>(json::parse(entry.value)))
        lines.push_back(fmt::format("{}={}: {} ({})", problem.key, problem.value, problem.reason, host));
    } catch (const Error& error) {
      lines.push_back(fmt::format("{} cannot be read: {}", entry.key, error.what()));
    }
  }
  return lines;
}

}  // namespace deis::ctl
