#include "router/template.h"

#include "core/base/error.h"

namespace deis::router {
namespace {

constexpr std::string_view kOpen = "{{", kClose = "}}";

Error bug(std::string_view name, std::string_view what) {
  return Error(ErrorCode::internal, "the template's {{" + std::string(name) + "}} " + std::string(what));
}

const std::string& value_of(const TemplateValues& values, std::string_view name) {
  const auto found = values.find(name);
  if (found == values.end()) throw bug(name, "does not exist");
  return found->second;
}

bool is_set(const std::string& value) {
  return !value.empty() && value != "off";
}

// A mark on a line of its own takes the line's end with it.
std::string_view without_line_end(std::string_view text) {
  return text.starts_with('\n') ? text.substr(1) : text;
}

}  // namespace

std::string fill_template(std::string_view text, const TemplateValues& values) {
  std::string out;
  for (;;) {
    const auto begin = text.find(kOpen);
    out += text.substr(0, begin);
    if (begin == std::string_view::npos) return out;
    text.remove_prefix(begin + kOpen.size());
    const auto end = text.find(kClose);
    const std::string_view name = text.substr(0, end);
    if (end == std::string_view::npos) throw bug(name.substr(0, 40), "has no end");
    text.remove_prefix(end + kClose.size());
    if (!name.starts_with('#') && !name.starts_with('^')) {
      out += value_of(values, name);
      continue;
    }
    const std::string_view condition = name.substr(1);
    const std::string last = "{{/" + std::string(condition) + "}}";
    const auto close = text.find(last);
    if (close == std::string_view::npos) throw bug(condition, "is not closed");
    const std::string_view part = without_line_end(text.substr(0, close));
    const bool wanted = is_set(value_of(values, condition)) == name.starts_with('#');
    if (wanted) out += fill_template(part, values);
    text = without_line_end(text.substr(close + last.size()));
  }
}

}  // namespace deis::router
