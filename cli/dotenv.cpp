#include "cli/dotenv.h"

namespace deis::cli {

std::string write_env(const Values& values) {
  std::string text;
  for (const auto& [key, value] : values) text += key + "=" + value + "\n";
  return text;
}

std::vector<std::string> complete_lines(std::string_view text) {
  std::vector<std::string> lines;
  for (auto end = text.find('\n'); end != std::string_view::npos; end = text.find('\n')) {
    std::string line(text.substr(0, end));
    if (line.ends_with('\r')) line.pop_back();
    lines.push_back(std::move(line));
    text.remove_prefix(end + 1);
  }
  return lines;
}

Values read_env(std::string_view text) {
  Values values;
  for (const std::string& line : complete_lines(std::string(text) + "\n")) {
    const auto equals = line.find('=');
    if (equals != std::string::npos && equals > 0) values[line.substr(0, equals)] = line.substr(equals + 1);
  }
  return values;
}

}  // namespace deis::cli
