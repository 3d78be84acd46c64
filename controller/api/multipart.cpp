#include "controller/api/multipart.h"

#include "core/base/error.h"
#include "core/base/text.h"

#include <optional>

namespace deis::controller::api {
namespace {

constexpr std::size_t kMaximumParts = 1000;
constexpr std::size_t kMaximumBoundary = 70;  // RFC 2046 §5.1.1

Error bad(const std::string& why) {
  return Error(ErrorCode::invalid, "Multipart form parse error - " + why);
}

// The value of `name` in "form-data; name=\"a\"; filename=b"; quoted text may hold escaped characters.
std::optional<std::string> parameter(std::string_view header, std::string_view name) {
  std::size_t at = header.find(';');
  while (at != std::string_view::npos) {
    const std::size_t begin = at + 1, equals = header.find('=', begin);
    if (equals == std::string_view::npos) return std::nullopt;
    const std::string key = to_lower(trim(header.substr(begin, equals - begin)));
    std::string value;
    std::size_t i = equals + 1;
    if (i < header.size() && header[i] == '"') {
      for (++i; i < header.size() && header[i] != '"'; ++i) {
        if (header[i] == '\\' && i + 1 < header.size()) ++i;
        value += header[i];
      }
    } else {
      value = trim(header.substr(i, header.find(';', i) - i));
    }
    if (key == name) return value;
    at = header.find(';', i);
  }
  return std::nullopt;
}

// The name that a part's header block gives.
std::string name_of_part(std::string_view headers) {
  for (std::string_view line : split(headers, '\n')) {
    line = trim(line);
    const auto colon = line.find(':');
    if (colon == std::string_view::npos) continue;
    if (to_lower(trim(line.substr(0, colon))) != "content-disposition") continue;
    if (auto name = parameter(line.substr(colon + 1), "name")) return std::move(*name);
  }
  throw bad("a part has no name");
}

std::pair<std::string, std::string> parse_part(std::string_view part) {
  if (part.starts_with("\r\n")) throw bad("a part has no name");
  const auto end = part.find("\r\n\r\n");
  if (end == std::string_view::npos) throw bad("the head of a part does not end");
  return {name_of_part(part.substr(0, end)), std::string(part.substr(end + 4))};
}

}  // namespace

std::vector<std::pair<std::string, std::string>> parse_multipart(
    std::string_view content_type, std::string_view body) {
  const auto boundary = parameter(content_type, "boundary");
  if (!boundary || boundary->empty() || boundary->size() > kMaximumBoundary) throw bad("Invalid boundary");
  const std::string delimiter = "\r\n--" + *boundary;
  const std::string text = "\r\n" + std::string(body);  // the first delimiter may stand at the very beginning
  std::vector<std::pair<std::string, std::string>> pairs;
  std::size_t at = text.find(delimiter);
  if (at == std::string::npos) throw bad("the boundary does not occur");
  for (;;) {
    std::string_view rest = std::string_view(text).substr(at + delimiter.size());
    if (rest.starts_with("--")) return pairs;
    const auto line_end = rest.find("\r\n");
    if (line_end == std::string_view::npos || !trim(rest.substr(0, line_end)).empty())
      throw bad("a boundary line does not end");
    const std::size_t begin = at + delimiter.size() + line_end + 2, end = text.find(delimiter, begin - 2);
    if (end == std::string::npos) throw bad("the last boundary is missing");
    if (pairs.size() == kMaximumParts) throw bad("there are too many parts");
    pairs.push_back(parse_part(std::string_view(text).substr(begin, end < begin ? 0 : end - begin)));
    at = end;
  }
}

}  // namespace deis::controller::api
