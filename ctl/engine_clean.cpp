#include "ctl/engine_clean.h"

#include "core/base/error.h"
#include "core/component/durable_file.h"
#include "ctl/commands.h"
#include "ctl/console.h"
#include "ctl/engine_state.h"

#include <fmt/format.h>

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

namespace deis::ctl {
namespace {

namespace fs = std::filesystem;

constexpr const char* kBucket = "libnetwork";
constexpr off_t kLargestFile = 256 << 20;  // a usual one has 128 KiB

[[noreturn]] void fail(ErrorCode code, const char* what, const fs::path& path) {
  throw Error(code, fmt::format("cannot {} {}: {}", what, path.string(), std::strerror(errno)));
}

// A file of the Engine's, open and locked as bbolt locks it: for whoever has it alone.
class LockedFile {
 public:
  explicit LockedFile(fs::path path)
      : path_(std::move(path)), fd_(::open(path_.c_str(), O_RDWR | O_CLOEXEC | O_NOFOLLOW)) {
    if (fd_ < 0 && errno != ENOENT && errno != ENOTDIR) fail(ErrorCode::unavailable, "open", path_);
  }
  LockedFile(const LockedFile&) = delete;
  LockedFile& operator=(const LockedFile&) = delete;
  ~LockedFile() {
    if (fd_ >= 0) ::close(fd_);
  }

  bool exists() const { return fd_ >= 0; }
  const fs::path& path() const { return path_; }

  void lock() const {
    if (::flock(fd_, LOCK_EX | LOCK_NB) == 0) return;
    if (errno != EWOULDBLOCK) fail(ErrorCode::unavailable, "lock", path_);
    throw Error(
        ErrorCode::conflict,
        fmt::format(
            "Docker Engine runs and has {} open; stop it first, then give the command again",
            path_.string()));
  }

  std::string read() const {
    struct stat status{};
    if (::fstat(fd_, &status) != 0) fail(ErrorCode::unavailable, "look at", path_);
    if (!S_ISREG(status.st_mode) || status.st_size > kLargestFile) {
      throw Error(ErrorCode::invalid, path_.string() + " is no file of Docker Engine's, or too large");
    }
    std::string content(static_cast<std::size_t>(status.st_size), '\0');
    for (std::size_t at = 0; at < content.size();) {
      const auto count = ::pread(fd_, content.data() + at, content.size() - at, static_cast<off_t>(at));
      if (count < 0 && errno == EINTR) continue;
      if (count <= 0) fail(ErrorCode::unavailable, "read", path_);
      at += static_cast<std::size_t>(count);
    }
    return content;
  }

  void write(const BoltTransaction& transaction) const {
    for (const auto& page : transaction.pages) write(page);
    flush();
    write(transaction.meta);
    flush();
  }

 private:
  void write(const BoltWrite& piece) const {
    for (std::size_t at = 0; at < piece.bytes.size();) {
      const auto count = ::pwrite(
          fd_, piece.bytes.data() + at, piece.bytes.size() - at, static_cast<off_t>(piece.offset + at));
      if (count < 0 && errno == EINTR) continue;
      if (count < 0) fail(ErrorCode::unavailable, "write", path_);
      at += static_cast<std::size_t>(count);
    }
  }
  void flush() const {
    if (::fsync(fd_) != 0) fail(ErrorCode::unavailable, "flush", path_);
  }

  fs::path path_;
  int fd_;
};

BoltFile parse(const fs::path& path, std::string_view content) {
  try {
    auto file = BoltFile::parse(content);
    if (!file.bucket().empty() && file.bucket() != kBucket) {
      throw Error(ErrorCode::invalid, fmt::format("its bucket is not '{}'", kBucket));
    }
    return file;
  } catch (const Error& error) {
    throw Error(error.code(), fmt::format("{} is left as it is: {}", path.string(), error.what()));
  }
}

}  // namespace

std::vector<std::string> clean_engine(const fs::path& engine_root) {
  // The Engine has this one open as long as it runs; 20.10 opens the other only for moments.
  const LockedFile life(engine_root / "volumes" / "metadata.db");
  if (life.exists()) life.lock();
  const LockedFile file(engine_root / "network" / "files" / "local-kv.db");
  if (!file.exists()) return {};
  file.lock();
  const auto content = file.read();
  if (content.empty()) return {};  // bbolt was about to make it
  const auto before = parse(file.path(), content);
  const auto tidied = tidy(before.entries());
  if (tidied.changes.empty()) return {};
  const auto transaction = before.replace(tidied.entries);
  component::write_durably(file.path().string() + ".deis-backup", content);
  file.write(transaction);
  return tidied.changes;
}

Task<> engine_clean(std::string engine_root) {
  for (const auto& change : clean_engine(engine_root)) note(change);
  co_return;
}

}  // namespace deis::ctl
