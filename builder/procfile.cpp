#include "builder/procfile.h"

#include "core/base/error.h"
#include "core/base/excerpt.h"
#include "core/base/names.h"
#include "core/base/text.h"

#include <fmt/format.h>
#include <yaml-cpp/yaml.h>

#include <algorithm>

namespace deis::builder {
namespace {

constexpr std::size_t kLongest = 64 * 1024;  // bytes of the file
constexpr std::size_t kMostTypes = 100;
constexpr auto kForm = "the Procfile must be a map of process types to commands, like 'web: ./server'";

Error invalid(const std::string& why) {
  return Error(ErrorCode::invalid, why);
}

// YAML takes more than text; an image gets its commands through JSON and environments, which do not.
bool is_readable(std::string_view text) {
  return is_valid_utf8(text) && std::none_of(text.begin(), text.end(), [](char c) {
           const auto byte = static_cast<unsigned char>(c);
           return (byte < 0x20 && c != '\n' && c != '\r' && c != '\t') || byte == 0x7f;
         });
}

std::map<std::string, std::string> read(const YAML::Node& root) {
  if (!root.IsMap()) throw invalid(kForm);
  if (root.size() > kMostTypes)
    throw invalid(fmt::format("the Procfile has more than {} process types", kMostTypes));
  std::map<std::string, std::string> procfile;
  for (const auto& entry : root) {
    if (!entry.first.IsScalar()) throw invalid(kForm);
    const std::string type = entry.first.Scalar();
    try {
      ProcessType::parse(type);
    } catch (const Error& error) {
      throw invalid(fmt::format("the Procfile has a process type '{}': {}", excerpt(type), error.what()));
    }
    if (!entry.second.IsScalar() || trim(entry.second.Scalar()).empty())
      throw invalid(fmt::format("the Procfile has no command for '{}'", type));
    if (!is_readable(entry.second.Scalar()))
      throw invalid(fmt::format("the command of '{}' in the Procfile holds control characters", type));
    const bool fresh = procfile.emplace(type, entry.second.Scalar()).second;
    if (!fresh) throw invalid(fmt::format("the Procfile names the process type '{}' twice", type));
  }
  return procfile;
}

}  // namespace

std::map<std::string, std::string> parse_procfile(const std::string& text) {
  if (text.size() > kLongest) throw invalid(fmt::format("the Procfile is over {} bytes", kLongest));
  if (!is_readable(text)) throw invalid("the Procfile is not a text in UTF-8");
  try {
    return read(YAML::Load(text));
  } catch (const YAML::Exception& error) {
    throw invalid(fmt::format("the Procfile is not valid YAML: {}", excerpt(error.what(), 200)));
  }
}

}  // namespace deis::builder
