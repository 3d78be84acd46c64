#pragma once
// HTTP messages as values, shared by server and client. Beast stays inside core/net/*.cpp.

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace deis::net {

// Ordered list with case-insensitive look-up. Values are checked for CR and LF when written.
class Headers {
 public:
  Headers() = default;
  Headers(std::initializer_list<std::pair<std::string, std::string>> fields) : fields_(fields) {}
  void set(std::string_view name, std::string_view value);  // replaces
  void add(std::string_view name, std::string_view value);
  std::optional<std::string_view> find(std::string_view name) const;
  std::string get(std::string_view name) const;  // "" when absent
  const std::vector<std::pair<std::string, std::string>>& all() const { return fields_; }

 private:
  std::vector<std::pair<std::string, std::string>> fields_;
};

struct Request {
  std::string method = "GET";  // upper case
  std::string target = "/";    // path and query as on the wire
  Headers headers;
  std::string body;
  std::string peer;  // server side: who sent it

  std::string_view path() const;   // target before '?', still percent-encoded
  std::string_view query() const;  // target behind '?', "" when none
};

// Decoded pairs of a query string or a form body, in order. Bad escapes: Error invalid.
std::vector<std::pair<std::string, std::string>> parse_form(std::string_view text);
std::string build_query(const std::vector<std::pair<std::string, std::string>>& pairs);  // "?a=b&c=d" or ""

struct ResponseHead {
  int status = 200;
  std::string reason;  // client: as received; server: empty means the standard one in upper case
  Headers headers;
};

std::string_view standard_reason(int status);  // "NOT FOUND": upper case (contract api.md §1.1)

}  // namespace deis::net
