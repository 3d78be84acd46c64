#include "cli/url.h"

#include "core/base/error.h"
#include "core/base/text.h"

#include <fmt/format.h>

namespace deis::cli {

ControllerUrl ControllerUrl::parse(std::string_view text) {
  const auto bad = [&](std::string_view why) {
    return Error(
        ErrorCode::invalid,
        fmt::format("'{}' is not the address of a controller, like http://deis.example.com: {}", text, why));
  };
  ControllerUrl url;
  const auto scheme_end = text.find("://");
  if (scheme_end == std::string_view::npos) throw bad("no http:// or https://");
  const std::string scheme = to_lower(text.substr(0, scheme_end));
  if (scheme != "http" && scheme != "https") throw bad("neither http:// nor https://");
  url.tls = scheme == "https";
  url.port = url.tls ? 443 : 80;
  std::string_view rest = text.substr(scheme_end + 3);
  rest = rest.substr(0, rest.find_first_of("/?#"));
  if (const auto at = rest.rfind('@'); at != std::string_view::npos)
    throw bad("no user name belongs there; deis asks for it");
  std::string_view port;
  if (rest.starts_with('[')) {
    const auto close = rest.find(']');
    if (close == std::string_view::npos) throw bad("no ] behind the IPv6 address");
    url.host = rest.substr(1, close - 1);
    if (close + 1 < rest.size() && rest[close + 1] == ':') port = rest.substr(close + 2);
  } else {
    const auto colon = rest.find(':');
    url.host = rest.substr(0, colon);
    if (colon != std::string_view::npos) port = rest.substr(colon + 1);
  }
  const bool clean = url.host.find_first_of(" \t\r\n\"'<>\\") == std::string::npos;
  if (url.host.empty() || !clean) throw bad("no host name");
  if (port.empty()) return url;
  const auto number = parse_int(port);
  if (!number || *number < 1 || *number > 65535) throw bad("the port must be 1-65535");
  url.port = static_cast<std::uint16_t>(*number);
  return url;
}

std::string ControllerUrl::authority() const {
  const std::string name = host.find(':') == std::string::npos ? host : "[" + host + "]";
  return port == (tls ? 443 : 80) ? name : fmt::format("{}:{}", name, port);
}

std::string ControllerUrl::str() const {
  return (tls ? "https://" : "http://") + authority();
}

std::string with_scheme(const std::string& controller) {
  return controller.find("://") == std::string::npos ? "http://" + controller : controller;
}

std::string host_of(const std::string& controller) {
  return ControllerUrl::parse(with_scheme(controller)).host;
}

std::string remote_url(const std::string& controller, const std::string& app) {
  return fmt::format("ssh://git@{}:2222/{}.git", host_of(controller), app);
}

}  // namespace deis::cli
