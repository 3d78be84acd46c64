#pragma once
// Where a controller is: scheme, host and port of what was typed at login (contract api.md §8.1). Pure.

#include <cstdint>
#include <string>
#include <string_view>

namespace deis::cli {

struct ControllerUrl {
  bool tls = false;
  std::string host;  // without brackets
  std::uint16_t port = 80;

  // "http://deis.example.com/anything"; throws Error{invalid} that says what is wrong.
  static ControllerUrl parse(std::string_view text);
  std::string authority() const;  // "deis.example.com", "[::1]:8000": without the scheme's own port
  std::string str() const;        // "http://deis.example.com"
  bool operator==(const ControllerUrl&) const = default;
};

std::string with_scheme(const std::string& controller);  // "http://" added when there is none
std::string host_of(const std::string& controller);      // without scheme and port
std::string remote_url(const std::string& controller, const std::string& app);  // of git

}  // namespace deis::cli
