#pragma once
// Forms as multipart/form-data (RFC 7578). Pure; fuzzed.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace deis::net {

struct FormPart {
  std::string name;
  std::optional<std::string> filename;  // a file's content, not the value of a field
  std::string content;
  bool operator==(const FormPart&) const = default;
};

// The parts in order. `content_type` is the header with its boundary. Throws Error{invalid} saying what is
// wrong; more than kMostFormParts parts are refused.
std::vector<FormPart> parse_multipart(std::string_view content_type, std::string_view body);

inline constexpr std::size_t kMostFormParts = 1000;

// A parameter of a header, `charset` of "text/plain; charset=utf-8": unquoted, nullopt when absent. Names are
// compared without case. Throws Error{invalid} when it is there twice.
std::optional<std::string> header_parameter(std::string_view header, std::string_view name);

}  // namespace deis::net
