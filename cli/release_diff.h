#pragma once
// What differs between two releases: build, config, limits, tags. Pure.

#include <boost/json/value.hpp>

#include <optional>
#include <string>
#include <vector>

namespace deis::cli {

// What the API says about one release.
struct ReleaseState {
  std::string version;       // "v3"
  boost::json::value build;  // null: none
  boost::json::value config;
};

struct Difference {
  std::string part;  // "build", "config", "limits", "tags"
  std::string name;  // "image", "procfile web", "MODE", "memory web"
  std::optional<std::string> before, after;
  bool operator==(const Difference&) const = default;
};

std::vector<Difference> differences(const ReleaseState& from, const ReleaseState& to);
// For people. Values of the config are secrets often enough: shown only when asked for.
std::string diff_text(const std::vector<Difference>& found, bool show_values, bool colours);
boost::json::array diff_json(const std::vector<Difference>& found, bool show_values);

}  // namespace deis::cli
