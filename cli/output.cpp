#include "cli/output.h"

#include "core/base/error.h"
#include "core/base/text.h"
#include "core/base/time.h"
#include "core/json/json.h"

#include <fmt/format.h>

#include <algorithm>

namespace deis::cli {
namespace {

Error not_understood(const char* key, const char* kind) {
  return Error(
      ErrorCode::internal,
      fmt::format("the controller's answer is not understood: '{}' is no {}", key, kind));
}

std::string text(const json::value& value) {
  if (value.is_null()) return "";
  return value.is_string() ? std::string(value.get_string()) : json::to_text(value);
}

const json::value* member(const json::value& answer, const char* key) {
  const auto* object = answer.if_object();
  return object ? object->if_contains(key) : nullptr;
}

// Code points, so that names beyond ASCII keep their column.
std::size_t width(std::string_view text) {
  return static_cast<std::size_t>(
      std::ranges::count_if(text, [](char c) { return (static_cast<unsigned char>(c) & 0xc0) != 0x80; }));
}

std::vector<std::size_t> widths_of(const std::vector<std::vector<std::string>>& rows) {
  std::vector<std::size_t> widths;
  for (const auto& row : rows) {
    widths.resize(std::max(widths.size(), row.size()));
    for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], width(row[i]));
  }
  return widths;
}

void append_pretty(std::string& out, const json::value& value, std::size_t depth) {
  const auto separate = [&](bool first) {
    out += first ? "\n" : ",\n";
    out.append(2 * (depth + 1), ' ');
  };
  const auto* object = value.if_object();
  const auto* array = value.if_array();
  if ((!object || object->empty()) && (!array || array->empty())) {
    out += json::to_text(value);
    return;
  }
  out += object ? '{' : '[';
  bool first = true;
  if (object) {
    for (const auto& entry : *object) {
      separate(std::exchange(first, false));
      out += json::to_text(json::value(entry.key())) + ": ";
      append_pretty(out, entry.value(), depth + 1);
    }
  } else {
    for (const auto& element : *array) {
      separate(std::exchange(first, false));
      append_pretty(out, element, depth + 1);
    }
  }
  out += '\n';
  out.append(2 * depth, ' ');
  out += object ? '}' : ']';
}

}  // namespace

std::string header(const std::string& title, std::size_t shown, std::int64_t total) {
  const bool partial = static_cast<std::int64_t>(shown) < total;
  return partial ? fmt::format("=== {} ({} of {})\n", title, shown, total) : header(title);
}

std::string header(const std::string& title) {
  return "=== " + title + "\n";
}

std::string padded(const std::map<std::string, std::string>& pairs, std::size_t gap) {
  std::size_t longest = 0;
  for (const auto& [key, value] : pairs) longest = std::max(longest, key.size());
  std::string lines;
  for (const auto& [key, value] : pairs)
    lines += key + std::string(longest + gap - key.size(), ' ') + value + "\n";
  return lines;
}

std::string labelled(const std::string& label, const std::string& value) {
  return fmt::format("{:<10}{}\n", label + ":", value);
}

std::string columns(const std::vector<std::vector<std::string>>& rows) {
  const auto widths = widths_of(rows);
  std::string lines;
  for (const auto& row : rows) {
    std::string line;
    for (std::size_t i = 0; i < row.size(); ++i) {
      line += row[i];
      if (i + 1 < row.size()) line += std::string(widths[i] - width(row[i]) + 2, ' ');
    }
    while (line.ends_with(' ')) line.pop_back();
    lines += line + "\n";
  }
  return lines;
}

std::string tabbed(const std::vector<std::vector<std::string>>& rows) {
  constexpr std::size_t kStop = 8;
  const auto widths = widths_of(rows);
  std::string lines;
  for (const auto& row : rows) {
    for (std::size_t i = 0; i < row.size(); ++i) {
      lines += row[i];
      if (i + 1 == row.size()) continue;
      const std::size_t cell = (widths[i] + kStop) / kStop * kStop;  // one blank at least
      lines += std::string((cell - width(row[i]) + kStop - 1) / kStop, '\t');
    }
    lines += "\n";
  }
  return lines;
}

std::string listed(std::vector<std::string> names) {
  std::sort(names.begin(), names.end());
  std::string lines;
  for (const auto& name : names) lines += name + "\n";
  return lines;
}

std::string age(const std::string& stamp) {
  std::string rfc3339 = stamp;
  if (rfc3339.ends_with("UTC")) rfc3339.replace(rfc3339.size() - 3, 3, "Z");
  try {
    const auto passed = std::chrono::duration_cast<std::chrono::seconds>(
        std::chrono::system_clock::now() - parse_rfc3339(rfc3339));
    const std::int64_t seconds = std::max<std::int64_t>(0, passed.count());
    if (seconds < 120) return fmt::format("{}s", seconds);
    if (seconds < 2 * 3600) return fmt::format("{}m", seconds / 60);
    if (seconds < 48 * 3600) return fmt::format("{}h", seconds / 3600);
    return fmt::format("{}d", seconds / 86400);
  } catch (const Error&) {
    return "-";
  }
}

std::string text_of(const json::value& object, const char* key) {
  const auto* found = member(object, key);
  return found ? text(*found) : "";
}

const json::object& object_in(const json::value& answer, const char* key) {
  const auto* found = member(answer, key);
  if (!found || !found->is_object()) throw not_understood(key, "object");
  return found->get_object();
}

const json::array& array_in(const json::value& answer, const char* key) {
  const auto* found = member(answer, key);
  if (!found || !found->is_array()) throw not_understood(key, "list");
  return found->get_array();
}

std::map<std::string, std::string> texts_in(const json::value& answer, const char* key) {
  std::map<std::string, std::string> texts;
  const auto* found = member(answer, key);
  if (!found || found->is_null()) return texts;
  for (const auto& entry : object_in(answer, key)) texts[std::string(entry.key())] = text(entry.value());
  return texts;
}

const json::array& results_of(const json::value& page) {
  return array_in(page, "results");
}

std::int64_t count_of(const json::value& page) {
  const auto* found = member(page, "count");
  if (!found || !found->is_int64()) throw not_understood("count", "number");
  return found->get_int64();
}

std::vector<std::string> column(const json::value& page, const char* key) {
  std::vector<std::string> values;
  for (const json::value& item : results_of(page)) values.push_back(text_of(item, key));
  return values;
}

std::string pretty(const json::value& value) {
  std::string out;
  append_pretty(out, value, 0);
  return out + "\n";
}

}  // namespace deis::cli
