#include "ctl/first_install.h"

#include "ctl/component.h"

namespace deis::ctl {

std::vector<std::string> directories_with_data(const std::filesystem::path& data_root) {
  std::vector<std::string> found;
  for (const auto& component : all_components()) {
    const auto directory = data_root / component.name;
    if (component.name == "etcd" || !std::filesystem::exists(directory)) continue;
    if (!std::filesystem::is_empty(directory)) found.push_back(directory);
  }
  return found;
}

}  // namespace deis::ctl
