#include "core/component/durable_file.h"

#include "core/base/error.h"
#include "core/base/random.h"

#include <array>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace deis::component {
namespace {

[[noreturn]] void fail(const char* what, const std::filesystem::path& path, int error) {
  throw Error(
      ErrorCode::unavailable,
      std::string("cannot ") + what + " " + path.string() + ": " + std::strerror(error));
}

class File {
 public:
  File(const std::filesystem::path& path, int flags, unsigned mode = 0)
      : path_(path), fd_(::open(path.c_str(), flags | O_CLOEXEC, mode)), error_(errno) {}
  File(const File&) = delete;
  File& operator=(const File&) = delete;
  ~File() {
    if (fd_ >= 0) ::close(fd_);
  }

  bool is_open() const { return fd_ >= 0; }
  bool is_absent() const { return fd_ < 0 && error_ == ENOENT; }
  void require_open(const char* what) const {
    if (fd_ < 0) fail(what, path_, error_);
  }

  void write(std::string_view content) const {
    while (!content.empty()) {
      const auto count = ::write(fd_, content.data(), content.size());
      if (count < 0 && errno == EINTR) continue;
      if (count < 0) fail("write", path_, errno);
      content.remove_prefix(static_cast<std::size_t>(count));
    }
  }

  std::string read() const {
    std::string content;
    std::array<char, 4096> piece;
    for (;;) {
      const auto count = ::read(fd_, piece.data(), piece.size());
      if (count < 0 && errno == EINTR) continue;
      if (count < 0) fail("read", path_, errno);
      if (count == 0) return content;
      content.append(piece.data(), static_cast<std::size_t>(count));
    }
  }

  void set_mode(unsigned mode) const {
    if (::fchmod(fd_, mode) != 0) fail("set the mode of", path_, errno);
  }

  void flush() const {
    if (::fsync(fd_) != 0) fail("flush", path_, errno);
  }

 private:
  const std::filesystem::path& path_;
  int fd_, error_;
};

void write_new(const std::filesystem::path& path, std::string_view content, unsigned mode, int flags) {
  const File file(path, O_WRONLY | O_CREAT | flags, mode);
  file.require_open("create");
  file.set_mode(mode);  // whatever the umask is, and also when a crash left the file behind
  file.write(content);
  file.flush();
}

void flush_directory_of(const std::filesystem::path& path) {
  const std::filesystem::path directory = path.parent_path();
  const File parent(directory, O_RDONLY | O_DIRECTORY);
  parent.require_open("open");
  parent.flush();
}

}  // namespace

void write_durably(const std::filesystem::path& path, std::string_view content, unsigned mode) {
  const std::filesystem::path beside = path.string() + ".new";
  write_new(beside, content, mode, O_TRUNC);
  if (::rename(beside.c_str(), path.c_str()) != 0) fail("replace", path, errno);
  flush_directory_of(path);
}

// A link, unlike rename(), does not replace: the file appears whole, and only when there was none.
bool create_durably(const std::filesystem::path& path, std::string_view content, unsigned mode) {
  const std::filesystem::path beside = path.string() + "." + random_hex(4) + ".new";
  write_new(beside, content, mode, O_EXCL);
  const bool linked = ::link(beside.c_str(), path.c_str()) == 0;
  const int error = errno;
  ::unlink(beside.c_str());
  if (!linked && error != EEXIST) fail("create", path, error);
  flush_directory_of(path);
  return linked;
}

std::optional<std::string> read_file(const std::filesystem::path& path) {
  const File file(path, O_RDONLY);
  if (file.is_absent()) return std::nullopt;
  file.require_open("read");
  return file.read();
}

}  // namespace deis::component
