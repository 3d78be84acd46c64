// <fuzzer>_replay <directory>: runs the target on every file of its corpus, on each beginning of it and on
// each with one byte changed, without libFuzzer. Old findings stay found by the ordinary unit tests that way.
#include "core/base/fuzz.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

namespace {

constexpr std::size_t kMostVariants = 256;  // of one file

std::string read(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

void replay(const std::string& input) {
  const auto run = deis::fuzz::target().run;
  run(input);
  const std::size_t step = std::max<std::size_t>(1, input.size() / kMostVariants);
  for (std::size_t at = 0; at < input.size(); at += step) {
    run(std::string_view(input).substr(0, at));
    std::string changed = input;
    changed[at] = static_cast<char>(changed[at] ^ (1 << at % 8));
    run(changed);
  }
}

}  // namespace

int main(int argc, char** argv) {
  std::vector<std::filesystem::path> files;
  if (argc == 2 && std::filesystem::is_directory(argv[1])) {
    for (const auto& entry : std::filesystem::directory_iterator(argv[1])) files.push_back(entry.path());
  }
  if (files.empty()) {
    std::fprintf(stderr, "no corpus in %s\n", argc == 2 ? argv[1] : "(no directory given)");
    return 1;
  }
  std::sort(files.begin(), files.end());
  for (const auto& file : files) {
    std::printf("%s: %s\n", deis::fuzz::target().name, file.filename().c_str());
    std::fflush(stdout);
    replay(read(file));
  }
}
