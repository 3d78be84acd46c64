#include "core/net/multipart.h"

#include "core/base/error.h"
#include "core/base/text.h"

#include <fmt/format.h>

#include <algorithm>

namespace deis::net {
namespace {

constexpr std::size_t kLongestBoundary = 70;
constexpr std::size_t kLongestPartHead = 8 * 1024;

Error bad_form(const char* what) {
  return Error(ErrorCode::invalid, fmt::format("Multipart form parse error - {}", what));
}

bool is_boundary(std::string_view text) {
  constexpr std::string_view kOthers = "'()+_,-./:=? ";
  return !text.empty() && text.size() <= kLongestBoundary && text.back() != ' ' &&
         std::all_of(text.begin(), text.end(), [&](char c) {
           const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
           return letter || kOthers.find(c) != std::string_view::npos;
         });
}

// Takes `"quoted \" text"` or a bare word off the front of `rest`.
std::string take_value(std::string_view& rest) {
  std::string value;
  if (!rest.starts_with('"')) {
    const auto end = std::min(rest.find(';'), rest.size());
    value = trim(rest.substr(0, end));
    rest.remove_prefix(end);
    return value;
  }
  std::size_t at = 1;
  for (; at < rest.size() && rest[at] != '"'; ++at) {
    if (rest[at] == '\\' && at + 1 < rest.size()) ++at;
    value += rest[at];
  }
  if (at >= rest.size()) throw bad_form("a quoted text has no end");
  rest.remove_prefix(at + 1);
  return value;
}

struct PartHead {
  std::optional<std::string> name, filename;
};

PartHead read_part_head(std::string_view text) {
  PartHead head;
  while (!text.empty()) {
    const auto end = text.find("\r\n");
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 2);
    const auto colon = line.find(':');
    if (colon == std::string_view::npos) throw bad_form("a header of a part has no colon");
    if (to_lower(trim(line.substr(0, colon))) != "content-disposition") continue;
    const std::string_view value = trim(line.substr(colon + 1));
    if (to_lower(trim(value.substr(0, value.find(';')))) != "form-data" || head.name) {
      throw bad_form("a part must have one Content-Disposition: form-data");
    }
    head.name = header_parameter(value, "name");
    head.filename = header_parameter(value, "filename");
  }
  if (!head.name) throw bad_form("a part has no name");
  return head;
}

}  // namespace

std::optional<std::string> header_parameter(std::string_view header, std::string_view name) {
  std::optional<std::string> found;
  std::string_view rest = header;
  rest.remove_prefix(std::min(rest.find(';'), rest.size()));
  while (!rest.empty()) {
    rest = trim(rest.substr(1));  // the ';'
    const auto equals = rest.find_first_of("=;");
    if (equals == std::string_view::npos) break;
    if (rest[equals] == ';') {
      rest.remove_prefix(equals);
      continue;
    }
    const std::string key = to_lower(trim(rest.substr(0, equals)));
    rest = trim(rest.substr(equals + 1));
    std::string value = take_value(rest);
    if (key == name && found)
      throw Error(ErrorCode::invalid, fmt::format("'{}' is given twice in one header", name));
    if (key == name) found = std::move(value);
    rest.remove_prefix(std::min(rest.find(';'), rest.size()));
  }
  return found;
}

std::vector<FormPart> parse_multipart(std::string_view content_type, std::string_view body) {
  const std::string boundary = header_parameter(content_type, "boundary").value_or("");
  if (!is_boundary(boundary)) throw bad_form("the Content-Type has no good boundary");
  const std::string delimiter = "\r\n--" + boundary;
  std::vector<FormPart> parts;
  // The first delimiter needs no line end before it; what is in front of it and behind the last is for
  // nobody.
  std::size_t at = 0;
  if (!body.starts_with(std::string_view(delimiter).substr(2))) {
    at = body.find(delimiter);
    if (at == std::string_view::npos) throw bad_form("the boundary does not appear");
    at += 2;
  }
  for (;;) {
    at += delimiter.size() - 2;
    if (body.substr(at).starts_with("--")) return parts;
    while (at < body.size() && (body[at] == ' ' || body[at] == '\t')) ++at;
    if (!body.substr(at).starts_with("\r\n"))
      throw bad_form("the boundary is followed by something else than a line end");
    at += 2;
    if (parts.size() == kMostFormParts) throw bad_form("too many parts");
    const auto end = body.find(delimiter, at - 2);  // an empty part: its head's line end is the delimiter's
    if (end == std::string_view::npos) throw bad_form("the last boundary is missing");
    const std::string_view part = end < at ? std::string_view() : body.substr(at, end - at);
    const auto head_end = part.find("\r\n\r\n");
    if (head_end == std::string_view::npos || head_end > kLongestPartHead)
      throw bad_form("a part has no head or a long one");
    PartHead head = read_part_head(part.substr(0, head_end));
    parts.push_back(
        FormPart{std::move(*head.name), std::move(head.filename), std::string(part.substr(head_end + 4))});
    at = end + 2;
  }
}

}  // namespace deis::net
