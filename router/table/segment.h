#pragma once
// Memory that several processes share: anonymous, so that nothing is left behind, and inherited as a file
// descriptor. Every process maps it where it likes, so that what lies in it refers to itself by offsets.

#include <cstddef>
#include <cstdint>

namespace deis::router::table {

using Offset = std::uint64_t;  // from the beginning of the segment, in bytes; 0 is "nothing"

class Segment {
 public:
  // Memory is used as it is touched: a large segment costs nothing. Throws std::system_error.
  static Segment create(std::size_t bytes);
  // `fd` stays the caller's. Throws std::system_error when it is not such memory.
  static Segment attach(int fd);

  Segment(Segment&& other) noexcept;
  Segment(const Segment&) = delete;
  Segment& operator=(const Segment&) = delete;
  Segment& operator=(Segment&&) = delete;
  ~Segment();

  int fd() const { return fd_; }  // without FD_CLOEXEC: children inherit it
  std::size_t size() const { return size_; }

  template <class T>
  T* at(Offset offset) const {
    return reinterpret_cast<T*>(base_ + offset);
  }

 private:
  Segment(int fd, std::byte* base, std::size_t size, bool is_owner)
      : fd_(fd), base_(base), size_(size), is_owner_(is_owner) {}
  int fd_;
  std::byte* base_;
  std::size_t size_;
  bool is_owner_;
};

}  // namespace deis::router::table
