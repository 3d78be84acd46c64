#include "core/json/writer.h"

#include "core/base/text.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

namespace deis::json {
namespace {

bool needs_escape(char c) {
  return static_cast<unsigned char>(c) < 0x20 || c == '"' || c == '\\';
}

void append_escaped(std::string& out, char c) {
  constexpr std::string_view kShort = "\"\\\b\f\n\r\t", kLetters = "\"\\bfnrt";
  const auto at = kShort.find(c);
  if (at != std::string_view::npos) {
    out += '\\';
    out += kLetters[at];
  } else {
    fmt::format_to(std::back_inserter(out), "\\u{:04x}", static_cast<unsigned char>(c));
  }
}

}  // namespace

void append_quoted(std::string& out, std::string_view text) {
  if (!is_valid_utf8(text)) return append_quoted(out, to_valid_utf8(text));
  out += '"';
  for (;;) {
    const auto special = std::ranges::find_if(text, needs_escape);
    const auto plain = static_cast<std::size_t>(special - text.begin());
    out += text.substr(0, plain);
    if (plain == text.size()) break;
    append_escaped(out, *special);
    text.remove_prefix(plain + 1);
  }
  out += '"';
}

void ObjectWriter::begin(std::string_view name) {
  if (!empty_) out_ += ',';
  empty_ = false;
  out_ += '"';
  out_ += name;
  out_ += "\":";
}

void ObjectWriter::add(std::string_view name, std::string_view text) {
  begin(name);
  append_quoted(out_, text);
}

void ObjectWriter::add(std::string_view name, const std::map<std::string, int>& numbers) {
  begin(name);
  out_ += '{';
  bool first = true;
  for (const auto& [key, number] : numbers) {
    if (!first) out_ += ',';
    first = false;
    append_quoted(out_, key);
    out_ += ':';
    out_ += std::to_string(number);
  }
  out_ += '}';
}

}  // namespace deis::json
