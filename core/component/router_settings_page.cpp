#include "core/component/router_settings.h"

#include <fmt/format.h>

namespace deis::component {
namespace {

std::string code_or_dash(std::string_view text) {
  return text.empty() ? "not set" : fmt::format("`{}`", text);
}

}  // namespace

std::string router_settings_page() {
  std::string page =
      "# Settings of the router\n\n"
      "Printed from the table that the router and `deisctl` go by (`core/component/router_settings.cpp`); "
      "`script/reference` "
      "prints it again.\n\n"
      "`deisctl config router set bodySize=100m` changes a setting, `rm` brings its default back, without a "
      "restart and "
      "without a request lost. Keys below are in etcd under `/deis/`; the target of `deisctl config` is "
      "their first word. A "
      "value that breaks its rule is refused before anything is written. One that arrives anyway, or that "
      "nginx refuses, is "
      "ignored: the last good one stays, all others count, and `deisctl status router` tells it.\n\n"
      "| key | default | must be | |\n|---|---|---|---|\n";
  for (const auto& row : router_settings()) {
    std::string rule(row.rule);
    std::string cell;
    for (const char c : rule) cell += c == '|' ? std::string("\\|") : std::string(1, c);
    page += fmt::format("| `{}` | {} | {} | {} |\n", row.key, code_or_dash(row.fallback), cell, row.meaning);
  }
  return page;
}

}  // namespace deis::component
