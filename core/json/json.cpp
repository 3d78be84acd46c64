#include "core/json/json.h"

#include "core/base/text.h"

#include <fmt/format.h>

namespace deis::json {
namespace {

boost::json::parse_options options() {
  boost::json::parse_options o;
  o.max_depth = 64;
  return o;
}

// Two members of one name: which one counts differs between readers, so such a document is refused.
// Boost.JSON keeps the last and does not tell; so the members that were kept are counted against the keys in
// the text.
std::size_t count_members(const value& v) {
  std::size_t count = 0;
  if (const auto* o = v.if_object()) {
    count = o->size();
    for (const auto& member : *o) count += count_members(member.value());
  } else if (const auto* a = v.if_array()) {
    for (const auto& element : *a) count += count_members(element);
  }
  return count;
}

// Keys of a valid document: a ':' outside of strings follows each one.
std::size_t count_keys(std::string_view text) {
  std::size_t keys = 0;
  bool in_string = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (in_string && text[i] == '\\') {
      ++i;
    } else if (text[i] == '"') {
      in_string = !in_string;
    } else if (!in_string && text[i] == ':') {
      ++keys;
    }
  }
  return keys;
}

}  // namespace

value parse(std::string_view text) {
  const auto fail = [](std::string_view why) {
    return Error(ErrorCode::invalid, fmt::format("JSON parse error - {}", why));
  };
  if (!is_valid_utf8(text)) throw fail("not valid UTF-8");
  boost::json::stream_parser parser({}, options());
  boost::json::error_code error;
  const std::size_t read = parser.write_some(text.data(), text.size(), error);
  if (error) throw fail(fmt::format("{} at byte {}", error.message(), read));
  if (!trim(text.substr(read)).empty()) throw fail(fmt::format("unexpected text at byte {}", read));
  parser.finish(error);
  if (error) throw fail(fmt::format("incomplete at byte {}", read));
  value v = parser.release();
  if (count_members(v) != count_keys(text)) throw fail("a key appears twice in one object");
  return v;
}

std::string to_text(const value& v) {
  std::string text = boost::json::serialize(v);
  return is_valid_utf8(text) ? text : to_valid_utf8(text);
}

}  // namespace deis::json
