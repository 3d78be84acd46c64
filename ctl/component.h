#pragma once
// What deisctl knows about each component of the platform: a table, and the names by which operators call its
// rows.

#include <chrono>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace deis::ctl {

struct Component {
  std::string_view name;
  std::uint16_t admin_port = 0;  // 0: it has no admin address and announces nothing (etcd)
  bool has_data = false;         // <data root>/<name> is mounted
  bool drives_docker = false;    // the Engine's socket is mounted
  bool scalable = false;         // may run on several machines, one on each
  std::chrono::seconds stop_grace{20};

  std::string service() const { return "deis-" + std::string(name); }
};

// All of them, in the order in which they start; the reverse is the order in which they stop.
std::span<const Component> all_components();

// "router", "deis-router" or "deis-router.service". Throws Error{invalid} that lists the names there are.
const Component& find_component(std::string_view target);

// The components that the targets mean, in start order, each once. "platform" is all of them and stands
// alone.
std::vector<Component> expand_targets(const std::vector<std::string>& targets);

}  // namespace deis::ctl
