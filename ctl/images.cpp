#include "ctl/images.h"

#include "core/base/error.h"
#include "core/base/text.h"
#include "ctl/component.h"

#include <fstream>
#include <sstream>

namespace deis::ctl {

Images parse_manifest(std::string_view text) {
  Images images;
  int number = 0;
  for (const auto raw : split(text, '\n')) {
    ++number;
    const auto line = trim(raw);
    if (line.empty() || line.starts_with('#')) continue;
    const auto words = split(line, ' ');
    if (words.size() != 2 || words[1].empty()) {
      throw Error(
          ErrorCode::invalid,
          "image manifest, line " + std::to_string(number) + ": expected '<component> <image>'");
    }
    images.insert_or_assign(std::string(find_component(words[0]).name), std::string(words[1]));
  }
  return images;
}

Images read_manifest(const std::filesystem::path& file) {
  std::ifstream in(file);
  if (!in) {
    throw Error(
        ErrorCode::not_found,
        "cannot read the image manifest " + file.string() + "; images/build writes one, --images names it");
  }
  std::ostringstream text;
  text << in.rdbuf();
  return parse_manifest(text.str());
}

}  // namespace deis::ctl
