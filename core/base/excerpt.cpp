#include "core/base/excerpt.h"

#include "core/base/text.h"

#include <algorithm>

namespace deis {
namespace {

bool is_control(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return byte < 0x20 || byte == 0x7f;
}

bool is_continuation(char c) {
  return (static_cast<unsigned char>(c) & 0xc0) == 0x80;
}

}  // namespace

std::string excerpt(std::string_view text, std::size_t maximum) {
  const bool cut = text.size() > maximum;
  std::string quoted(text.substr(0, maximum));
  if (cut) {  // not within a character
    while (!quoted.empty() && is_continuation(text[quoted.size()])) quoted.pop_back();
  }
  if (!is_valid_utf8(quoted)) {
    std::replace_if(
        quoted.begin(), quoted.end(), [](char c) { return static_cast<unsigned char>(c) >= 0x80; }, '?');
  }
  std::replace_if(quoted.begin(), quoted.end(), is_control, '?');
  return cut ? quoted + "..." : quoted;
}

}  // namespace deis
