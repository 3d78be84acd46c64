#include "cli/release_diff.h"

#include "cli/output.h"
#include "core/json/json.h"

#include <fmt/format.h>

#include <map>
#include <set>

namespace deis::cli {
namespace {

using Texts = std::map<std::string, std::string>;

void compare(
    const std::string& part, const Texts& before, const Texts& after, std::vector<Difference>& found) {
  std::set<std::string> names;
  for (const auto& [name, value] : before) names.insert(name);
  for (const auto& [name, value] : after) names.insert(name);
  for (const std::string& name : names) {
    const auto old = before.find(name), fresh = after.find(name);
    Difference difference{.part = part, .name = name};
    if (old != before.end()) difference.before = old->second;
    if (fresh != after.end()) difference.after = fresh->second;
    if (difference.before != difference.after) found.push_back(std::move(difference));
  }
}

void add_prefixed(Texts& all, const std::string& prefix, const Texts& more) {
  for (const auto& [name, value] : more) all[prefix + " " + name] = value;
}

Texts build_of(const ReleaseState& state) {
  Texts texts;
  if (state.build.is_null()) return texts;
  for (const char* key : {"image", "sha", "dockerfile"}) {
    const std::string text = text_of(state.build, key);
    if (!text.empty()) texts[key] = text;
  }
  add_prefixed(texts, "procfile", texts_in(state.build, "procfile"));
  return texts;
}

Texts limits_of(const ReleaseState& state) {
  Texts texts;
  for (const char* kind : {"memory", "cpu", "pids"}) add_prefixed(texts, kind, texts_in(state.config, kind));
  return texts;
}

bool is_secret(const Difference& difference, bool show_values) {
  return difference.part == "config" && !show_values;
}

std::string line_of(const Difference& d, bool show_values) {
  const char sign = !d.before ? '+' : !d.after ? '-' : '~';
  const std::string name = fmt::format("{} {}", sign, d.name);
  if (is_secret(d, show_values)) return name;
  if (d.before && d.after) return fmt::format("{}: {} -> {}", name, *d.before, *d.after);
  return fmt::format("{}: {}", name, d.before ? *d.before : *d.after);
}

}  // namespace

std::vector<Difference> differences(const ReleaseState& from, const ReleaseState& to) {
  std::vector<Difference> found;
  compare("build", build_of(from), build_of(to), found);
  compare("config", texts_in(from.config, "values"), texts_in(to.config, "values"), found);
  compare("limits", limits_of(from), limits_of(to), found);
  compare("tags", texts_in(from.config, "tags"), texts_in(to.config, "tags"), found);
  return found;
}

std::string diff_text(const std::vector<Difference>& found, bool show_values, bool colours) {
  if (found.empty()) return "No differences\n";
  std::string text, part;
  for (const Difference& difference : found) {
    if (difference.part != part) {
      part = difference.part;
      text += fmt::format("--- {}{}\n", static_cast<char>(part[0] - 'a' + 'A'), part.substr(1));
    }
    const int colour = !difference.before ? 32 : !difference.after ? 31 : 33;
    const std::string line = line_of(difference, show_values);
    text += colours ? fmt::format("\033[{}m{}\033[0m\n", colour, line) : line + "\n";
  }
  return text;
}

json::array diff_json(const std::vector<Difference>& found, bool show_values) {
  json::array all;
  for (const Difference& d : found) {
    json::object entry{{"part", d.part}, {"name", d.name}};
    entry["change"] = !d.before ? "added" : !d.after ? "removed" : "changed";
    if (!is_secret(d, show_values)) {
      entry["from"] = json::to_value(d.before);
      entry["to"] = json::to_value(d.after);
    }
    all.push_back(std::move(entry));
  }
  return all;
}

}  // namespace deis::cli
