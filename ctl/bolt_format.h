#pragma once
// The layout of BoltDB's pages, for bolt_file.cpp (reads) and bolt_write.cpp (writes). Numbers are of the
// machine that wrote the file: ours.

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

namespace deis::ctl::bolt {

inline constexpr std::uint32_t kMagic = 0xED0CDAED, kVersion = 2;
inline constexpr std::uint16_t kBranch = 0x01, kLeaf = 0x02, kMeta = 0x04, kFreelist = 0x10;
inline constexpr std::uint32_t kBucketFlag = 0x01;  // of a leaf's element
inline constexpr std::size_t kHeaderSize = 16;      // of a page: id u64, flags u16, count u16, overflow u32
inline constexpr std::size_t kElementSize =
    16;  // leaf: flags, pos, ksize, vsize u32; branch: pos, ksize u32, page u64
inline constexpr std::size_t kBucketSize = 16;  // root page u64, sequence u64
inline constexpr std::size_t kMetaSize = 64;
inline constexpr std::size_t kChecksumAt = kMetaSize - 8;  // covers what is before it
inline constexpr std::uint64_t kFirstTreePage = 2;         // after two meta pages
inline constexpr std::uint16_t kManyFree =
    0xFFFF;  // freelist: the real count is the first number of its list

// The caller has checked that `at` + sizeof(T) is inside.
template <typename T>
T load(std::string_view bytes, std::size_t at) {
  T value;
  std::memcpy(&value, bytes.data() + at, sizeof value);
  return value;
}

template <typename T>
void store(std::string& bytes, std::size_t at, T value) {
  std::memcpy(bytes.data() + at, &value, sizeof value);
}

// FNV-1a, 64 bits.
inline std::uint64_t checksum(std::string_view bytes) {
  std::uint64_t hash = 0xcbf29ce484222325U;
  for (const char c : bytes) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3U;
  return hash;
}

}  // namespace deis::ctl::bolt
