#pragma once
// BoltDB files (go.etcd.io/bbolt), in which Docker Engine keeps what must outlive it: as much of the format
// as it takes to read the keys of a file with a single bucket and to remove some. Pure: from bytes to values,
// and to the writes of one transaction. Everything read is checked; a file that is not what we expect is
// refused with Error{invalid}.

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace deis::ctl {

struct BoltEntry {
  std::string key, value;
  bool operator==(const BoltEntry&) const = default;
};

// In bytes from the beginning of the file.
struct BoltWrite {
  std::uint64_t offset = 0;
  std::string bytes;
};

// `pages` touch nothing that is in use. They must be on the disk before `meta` is written, which makes them
// the file's content at one stroke: a crash at any moment leaves the old content or the new, as with bbolt's
// own transactions.
struct BoltTransaction {
  std::vector<BoltWrite> pages;
  BoltWrite meta;
};

// The newest valid meta page.
struct BoltMeta {
  std::uint32_t page_size = 0;
  std::uint64_t root = 0, root_sequence = 0;
  std::uint64_t freelist = 0;  // page
  std::uint64_t end = 0;       // the first page that was never used
  std::uint64_t transaction = 0;
};

class BoltFile {
 public:
  static BoltFile parse(std::string_view bytes);

  // In the order of their keys. None when the file has no bucket yet.
  const std::vector<BoltEntry>& entries() const { return entries_; }
  const std::string& bucket() const { return bucket_; }

  // Has these entries, which are in the order of their keys, in the place of entries(). The tree is written
  // anew rather than changed in place: bbolt relies on every branch having the first key of the page below
  // it, so a removed first key would have to be replaced in all pages above, where the next one may not fit.
  BoltTransaction replace(const std::vector<BoltEntry>& entries) const;
  BoltTransaction without(const std::function<bool(const std::string& key)>& unwanted) const;

 private:
  friend class BoltReader;
  BoltMeta meta_;
  std::vector<bool> used_;  // by page: what the newest meta page leads to
  std::string bucket_;
  std::uint64_t bucket_sequence_ = 0;
  std::vector<BoltEntry> entries_;
};

}  // namespace deis::ctl
