#include "router/nginx_config.h"

#include "core/base/error.h"
#include "core/base/text.h"
#include "nginx_conf.embedded.h"

#include <algorithm>
#include <map>

namespace deis::router {
namespace {

using Values = std::map<std::string, std::string, std::less<>>;

// {{name}} -> value. Values hold no braces, so what was put in is never looked at again.
std::string fill(std::string_view text, const Values& values) {
  std::string out;
  for (;;) {
    const auto begin = text.find("{{");
    out += text.substr(0, begin);
    if (begin == std::string_view::npos) return out;
    const auto end = text.find("}}", begin);
    const auto name = text.substr(begin + 2, end - begin - 2);
    const auto value = values.find(name);
    if (end == std::string_view::npos || value == values.end()) {
      throw Error(
          ErrorCode::internal,
          "nginx.conf.template names {{" + std::string(name) + "}}, which does not exist");
    }
    out += value->second;
    text.remove_prefix(end + 2);
  }
}

}  // namespace

RenderedConfig render_config(const Paths& paths, const StaticSettings& settings) {
  Values values{
      {"modules", paths.modules},
      {"run", paths.run},
      {"module", paths.module},
      {"access_log", settings.access_log == "stdout" ? "/dev/stdout" : paths.access_log},
      {"http_port", std::to_string(settings.http_port)},
      {"builder_port", std::to_string(settings.builder_port)},
      {"worker_processes", settings.worker_processes},
      {"max_worker_connections", std::to_string(settings.max_worker_connections)},
      {"default_timeout", std::to_string(settings.default_timeout)},
      {"body_size", settings.body_size},
      {"error_log_level", settings.error_log_level},
      {"controller_subdomain", settings.controller_subdomain},
      {"builder", settings.builder},
      {"fingerprint", ""}};
  const std::string_view text = embedded::nginx_conf::files[0].text;
  std::string fingerprint = sha256_hex(fill(text, values)).substr(0, 16);
  values["fingerprint"] = fingerprint;
  return RenderedConfig{fill(text, values), fingerprint};
}

bool is_worker_processes(const std::string& text) {
  const auto number = parse_int(text);
  return text == "auto" || (number && *number >= 1 && *number <= 64);
}

bool is_size(const std::string& text) {
  if (text.empty() || text.size() > 10) return false;
  const char unit = text.back();
  const bool has_unit = unit == 'k' || unit == 'm' || unit == 'g';
  const auto number = parse_int(std::string_view(text).substr(0, text.size() - (has_unit ? 1 : 0)));
  return number && *number >= 0;
}

bool is_log_level(const std::string& text) {
  constexpr std::string_view kLevels[] = {
      "debug", "info", "notice", "warn", "error", "crit", "alert", "emerg"};
  return std::find(std::begin(kLevels), std::end(kLevels), text) != std::end(kLevels);
}

bool is_access_log(const std::string& text) {
  return text == "file" || text == "stdout";
}

bool is_subdomain(const std::string& text) {
  return !text.empty() && text.size() <= 63 && std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
  });
}

}  // namespace deis::router
