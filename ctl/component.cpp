#include "ctl/component.h"

#include "core/base/error.h"

#include <algorithm>
#include <array>

namespace deis::ctl {
namespace {

using std::chrono::seconds;

// etcd and store come first because the others wait for them, router last because it is what users see.
// Stop grace: a database checkpoint, pushes under way in the builder, requests in flight in the router.
constexpr std::array kComponents{
    Component{.name = "etcd", .has_data = true},
    Component{.name = "store", .admin_port = 8009, .has_data = true},
    Component{.name = "database", .admin_port = 8002, .has_data = true, .stop_grace = seconds(60)},
    Component{.name = "registry", .admin_port = 8004, .has_data = true, .scalable = true},
    Component{.name = "logger", .admin_port = 8006, .has_data = true},
    Component{.name = "logspout", .admin_port = 8005, .has_data = true, .drives_docker = true},
    Component{
        .name = "controller",
        .admin_port = 8001,
        .has_data = true,
        .drives_docker = true,
        .stop_grace = seconds(30)},
    Component{
        .name = "builder",
        .admin_port = 8003,
        .has_data = true,
        .drives_docker = true,
        .stop_grace = seconds(30)},
    Component{.name = "publisher", .admin_port = 8007, .drives_docker = true},
    Component{
        .name = "router", .admin_port = 8008, .has_data = true, .scalable = true, .stop_grace = seconds(40)},
};

std::string_view strip(std::string_view target) {
  constexpr std::string_view kPrefix = "deis-", kSuffix = ".service";
  if (target.starts_with(kPrefix)) target.remove_prefix(kPrefix.size());
  if (target.ends_with(kSuffix)) target.remove_suffix(kSuffix.size());
  return target;
}

}  // namespace

std::span<const Component> all_components() {
  return kComponents;
}

const Component& find_component(std::string_view target) {
  const auto name = strip(target);
  const auto found = std::ranges::find(kComponents, name, &Component::name);
  if (found != kComponents.end()) return *found;
  std::string names;
  for (const auto& component : kComponents) names += ", " + std::string(component.name);
  throw Error(
      ErrorCode::invalid, "there is no component '" + std::string(target) + "'; there are platform" + names);
}

std::vector<Component> expand_targets(const std::vector<std::string>& targets) {
  const bool platform = std::ranges::find(targets, "platform") != targets.end();
  if (platform && targets.size() > 1) {
    throw Error(ErrorCode::invalid, "'platform' means all components and stands alone");
  }
  if (platform) return {kComponents.begin(), kComponents.end()};

  std::vector<std::string_view> wanted;
  for (const auto& target : targets) wanted.push_back(find_component(target).name);
  std::vector<Component> chosen;
  std::ranges::copy_if(kComponents, std::back_inserter(chosen), [&](const Component& component) {
    return std::ranges::find(wanted, component.name) != wanted.end();
  });
  return chosen;
}

}  // namespace deis::ctl
