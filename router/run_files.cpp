#include "router/run_files.h"

#include "core/base/error.h"

#include <algorithm>
#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <sys/stat.h>
#include <unistd.h>

namespace deis::router {

namespace fs = std::filesystem;

std::string read_text(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

void write_whole(const std::string& path, const std::string& content, unsigned mode) {
  const std::string beside = path + ".new";
  ::unlink(beside.c_str());
  const int descriptor = ::open(beside.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
  if (descriptor < 0) throw Error(ErrorCode::internal, "cannot write " + beside);
  ::fchmod(descriptor, mode);  // whatever the umask says
  std::string_view left = content;
  while (!left.empty()) {
    const auto written = ::write(descriptor, left.data(), left.size());
    if (written <= 0) break;
    left.remove_prefix(static_cast<std::size_t>(written));
  }
  const bool good = ::close(descriptor) == 0 && left.empty();
  if (!good || ::rename(beside.c_str(), path.c_str()) != 0)
    throw Error(ErrorCode::internal, "cannot write " + path);
}

void write_missing(const std::vector<ConfigFile>& files) {
  for (const auto& file : files) {
    if (fs::exists(file.path)) continue;
    fs::create_directories(fs::path(file.path).parent_path());
    write_whole(file.path, file.content, file.mode);
  }
}

void remove_others(const std::string& directory, const std::vector<ConfigFile>& kept) {
  std::error_code absent;
  std::vector<fs::path> others;
  for (const auto& entry : fs::directory_iterator(directory, absent)) {
    if (std::ranges::find(kept, entry.path().string(), &ConfigFile::path) == kept.end())
      others.push_back(entry.path());
  }
  for (const auto& path : others) fs::remove(path, absent);
}

}  // namespace deis::router
