#include "router/table/segment.h"

#include <cerrno>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <system_error>
#include <unistd.h>
#include <utility>

namespace deis::router::table {
namespace {

[[noreturn]] void fail(const char* what) {
  throw std::system_error(errno, std::generic_category(), what);
}

std::byte* map(int fd, std::size_t bytes) {
  void* base = ::mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_NORESERVE, fd, 0);
  if (base == MAP_FAILED) fail("cannot map the routing table");
  return static_cast<std::byte*>(base);
}

}  // namespace

Segment Segment::create(std::size_t bytes) {
  const int fd = ::memfd_create("deis-routes", 0);
  if (fd < 0) fail("cannot create the memory of the routing table");
  if (::ftruncate(fd, static_cast<off_t>(bytes)) != 0) fail("cannot size the routing table");
  return Segment(fd, map(fd, bytes), bytes, true);
}

Segment Segment::attach(int fd) {
  struct stat status{};
  if (::fstat(fd, &status) != 0) fail("the routing table was not inherited");
  if (status.st_size <= 0) {
    errno = EINVAL;
    fail("what was inherited as the routing table is empty");
  }
  const auto bytes = static_cast<std::size_t>(status.st_size);
  return Segment(fd, map(fd, bytes), bytes, false);
}

Segment::Segment(Segment&& other) noexcept
    : fd_(std::exchange(other.fd_, -1)),
      base_(std::exchange(other.base_, nullptr)),
      size_(std::exchange(other.size_, 0)),
      is_owner_(std::exchange(other.is_owner_, false)) {}

Segment::~Segment() {
  if (base_ != nullptr) ::munmap(base_, size_);
  if (is_owner_) ::close(fd_);
}

}  // namespace deis::router::table
