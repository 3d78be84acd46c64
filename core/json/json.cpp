#include "core/base/excerpt.h"
#include "core/base/text.h"
#include "core/json/bounded.h"

#include <boost/json/basic_parser_impl.hpp>
#include <fmt/format.h>

#include <cmath>
#include <set>

namespace deis::json {
namespace {

using ErrorRef = boost::json::error_code&;
using View = boost::json::string_view;

Error failure(std::string_view why) {
  return Error(ErrorCode::invalid, fmt::format("JSON parse error - {}", why));
}

// How much a text holds, seen without reading it: a ':' outside of strings follows each key, and every value
// but the first begins behind one of ',' ':' '[' '{'.
struct Census {
  std::size_t keys = 0, values = 1;
};

Census take_census(std::string_view text) {
  Census census;
  bool in_string = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (in_string && c == '\\') {
      ++i;
    } else if (c == '"') {
      in_string = !in_string;
    } else if (!in_string) {
      census.keys += c == ':';
      census.values += c == ',' || c == '[' || c == '{';
    }
  }
  return census;
}

// Two members of one name: which one counts differs between readers, so such a document is refused.
// Boost.JSON keeps the last and does not tell; so the members that were kept are counted against the keys in
// the text.
std::size_t count_members(const value& v) {
  std::size_t count = 0;
  if (const auto* number = v.if_double(); number && !std::isfinite(*number))
    throw failure("a number is too large");  // it could not even be written again
  if (const auto* o = v.if_object()) {
    count = o->size();
    for (const auto& member : *o) count += count_members(member.value());
  } else if (const auto* a = v.if_array()) {
    for (const auto& element : *a) count += count_members(element);
  }
  return count;
}

// Reads a document only to find which key is there twice.
class KeyWatcher {
 public:
  static constexpr std::size_t max_object_size = std::numeric_limits<std::size_t>::max();
  static constexpr std::size_t max_array_size = std::numeric_limits<std::size_t>::max();
  static constexpr std::size_t max_key_size = std::numeric_limits<std::size_t>::max();
  static constexpr std::size_t max_string_size = std::numeric_limits<std::size_t>::max();

  std::string repeated;

  bool on_object_begin(ErrorRef) {
    objects_.emplace_back();
    return true;
  }
  bool on_object_end(std::size_t, ErrorRef) {
    objects_.pop_back();
    return true;
  }
  bool on_key_part(View part, std::size_t, ErrorRef) {
    key_.append(part.data(), part.size());
    return true;
  }
  bool on_key(View last, std::size_t, ErrorRef error) {
    key_.append(last.data(), last.size());
    const bool fresh = objects_.back().insert(key_).second;
    if (!fresh) {
      repeated = key_;
      error = boost::json::error::exception;
    }
    key_.clear();
    return fresh;
  }
  bool on_document_begin(ErrorRef) { return true; }
  bool on_document_end(ErrorRef) { return true; }
  bool on_array_begin(ErrorRef) { return true; }
  bool on_array_end(std::size_t, ErrorRef) { return true; }
  bool on_string_part(View, std::size_t, ErrorRef) { return true; }
  bool on_string(View, std::size_t, ErrorRef) { return true; }
  bool on_number_part(View, ErrorRef) { return true; }
  bool on_int64(std::int64_t, View, ErrorRef) { return true; }
  bool on_uint64(std::uint64_t, View, ErrorRef) { return true; }
  bool on_double(double, View, ErrorRef) { return true; }
  bool on_bool(bool, ErrorRef) { return true; }
  bool on_null(ErrorRef) { return true; }
  bool on_comment_part(View, ErrorRef) { return true; }
  bool on_comment(View, ErrorRef) { return true; }

 private:
  std::vector<std::set<std::string>> objects_;
  std::string key_;
};

std::string repeated_key(std::string_view text, const boost::json::parse_options& options) {
  boost::json::basic_parser<KeyWatcher> parser(options);
  boost::json::error_code error;
  parser.write_some(false, text.data(), text.size(), error);
  return parser.handler().repeated;
}

boost::json::parse_options options_for(const Limits& limits) {
  boost::json::parse_options options;
  options.max_depth = limits.depth;
  return options;
}

std::string reason(const boost::json::error_code& error, const Limits& limits) {
  if (error == boost::json::error::too_deep) return fmt::format("nested deeper than {} levels", limits.depth);
  if (error == boost::json::error::exponent_overflow) return "a number is too large";
  return error.message();
}

void check_size(const Census& census, const Limits& limits) {
  if (census.keys > limits.keys) throw failure(fmt::format("more than {} keys", limits.keys));
  if (census.values > limits.values) throw failure(fmt::format("more than {} values", limits.values));
}

}  // namespace

value parse(std::string_view text, const Limits& limits) {
  if (!is_valid_utf8(text)) throw failure("not valid UTF-8");
  const Census census = take_census(text);
  check_size(census, limits);
  const boost::json::parse_options options = options_for(limits);
  boost::json::stream_parser parser({}, options);
  boost::json::error_code error;
  const std::size_t read = parser.write_some(text.data(), text.size(), error);
  if (error) throw failure(fmt::format("{} at byte {}", reason(error, limits), read));
  if (!trim(text.substr(read)).empty()) throw failure(fmt::format("unexpected text at byte {}", read));
  parser.finish(error);
  if (error) throw failure(fmt::format("incomplete at byte {}", read));
  value v = parser.release();
  if (count_members(v) != census.keys)
    throw failure(
        fmt::format("the key '{}' appears twice in one object", excerpt(repeated_key(text, options))));
  return v;
}

value parse(std::string_view text) {
  return parse(text, Limits());
}

std::string to_text(const value& v) {
  std::string text = boost::json::serialize(v);
  return is_valid_utf8(text) ? text : to_valid_utf8(text);
}

}  // namespace deis::json
