#include "core/component/app_log.h"

#include "core/base/text.h"

#include <fmt/format.h>

#include <cstdio>

namespace deis::component {

AppLog::Sink AppLog::standard_output() {
  return [](std::string_view line) {
    fmt::print(stdout, "{}\n", line);
    std::fflush(stdout);
  };
}

void AppLog::write(std::string_view level, const AppId& app, std::string_view text) const {
  // A line break of a user (in a command, say) must not begin a line of its own.
  std::string safe = to_valid_utf8(text);
  for (char& c : safe) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x20 || byte == 0x7f) c = ' ';
  }
  sink_(fmt::format("{} [{}]: {}", level, app.str(), safe));
}

}  // namespace deis::component
