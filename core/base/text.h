#pragma once
// The few text operations that the standard library lacks. All are pure and thread safe.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace deis {

std::string_view trim(std::string_view text);                                // ASCII white space on both ends
std::vector<std::string_view> split(std::string_view text, char separator);  // "" gives {""}
std::string join(const std::vector<std::string>& parts, std::string_view separator);
std::string to_lower(std::string_view text);  // ASCII
bool is_valid_utf8(std::string_view text);
// Every invalid byte becomes U+FFFD: container output is not always UTF-8.
std::string to_valid_utf8(std::string_view text);
std::optional<std::int64_t> parse_int(std::string_view text);  // whole text, decimal, optional '-'

std::string base64_encode(std::string_view bytes);
std::optional<std::string> base64_decode(std::string_view text);  // strict: padding required, no blanks
std::string hex_encode(std::string_view bytes);
std::string url_encode(std::string_view text);  // everything but unreserved characters (RFC 3986 §2.3)
std::optional<std::string> url_decode(std::string_view text);  // nullopt on a bad escape
std::string sha256_hex(std::string_view bytes);

}  // namespace deis
