#include "ctl/bolt_file.h"

#include "core/base/error.h"
#include "ctl/bolt_format.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

namespace deis::ctl {
namespace {

using namespace bolt;

constexpr int kMostLevels = 16;
constexpr std::uint32_t kSmallestPage = 1024, kLargestPage = 65536;

[[noreturn]] void refuse(const std::string& why) {
  throw Error(ErrorCode::invalid, "not a BoltDB file as we know it: " + why);
}

// The meta page at `offset`; nullopt when there is no valid one.
std::optional<BoltMeta> read_meta(std::string_view file, std::size_t offset) {
  if (offset > file.size() || file.size() - offset < kHeaderSize + kMetaSize) return std::nullopt;
  const auto header = file.substr(offset, kHeaderSize);
  const auto meta = file.substr(offset + kHeaderSize, kMetaSize);
  if (load<std::uint16_t>(header, 8) != kMeta) return std::nullopt;
  if (load<std::uint32_t>(meta, 0) != kMagic || load<std::uint32_t>(meta, 4) != kVersion) return std::nullopt;
  if (load<std::uint64_t>(meta, kChecksumAt) != checksum(meta.substr(0, kChecksumAt))) return std::nullopt;
  return BoltMeta{
      .page_size = load<std::uint32_t>(meta, 8),
      .root = load<std::uint64_t>(meta, 16),
      .root_sequence = load<std::uint64_t>(meta, 24),
      .freelist = load<std::uint64_t>(meta, 32),
      .end = load<std::uint64_t>(meta, 40),
      .transaction = load<std::uint64_t>(meta, 48)};
}

// The second meta page is where the page size says: any that fits will do when the first is torn.
BoltMeta newest_meta(std::string_view file) {
  std::optional<BoltMeta> newest;
  const auto consider = [&](std::size_t offset) {
    const auto meta = read_meta(file, offset);
    // Even transactions are in the first, odd ones in the second: the next one must not meet this one.
    if (!meta || offset != meta->transaction % 2 * meta->page_size) return;
    if (!newest || meta->transaction > newest->transaction) newest = meta;
  };
  consider(0);
  for (std::size_t size = kSmallestPage; size <= kLargestPage; size *= 2) consider(size);
  if (!newest) refuse("it has no valid meta page");
  const auto size = newest->page_size;
  if (size < kSmallestPage || size > kLargestPage || (size & (size - 1)) != 0) {
    refuse(fmt::format("its pages are of {} bytes", size));
  }
  if (newest->end > file.size() / size) {
    refuse(fmt::format("it is shorter than its {} pages of {} bytes", newest->end, size));
  }
  return *newest;
}

struct Page {
  std::uint16_t flags = 0, count = 0;
  std::string_view bytes;  // from its header to the end of what it may use
};

struct LeafElement {
  std::uint32_t flags = 0;
  std::string_view key, value;
};

// `size` bytes that element number `index` has at `pos` from itself.
std::string_view data_of(const Page& page, std::size_t index, std::uint64_t pos, std::uint64_t size) {
  const std::uint64_t begin = kHeaderSize + index * kElementSize + pos;
  if (begin + size > page.bytes.size()) refuse(fmt::format("element {} reaches beyond its page", index));
  return page.bytes.substr(begin, size);
}

LeafElement leaf_element(const Page& page, std::size_t index) {
  const auto at = kHeaderSize + index * kElementSize;
  const auto pos = load<std::uint32_t>(page.bytes, at + 4);
  const auto key_size = load<std::uint32_t>(page.bytes, at + 8),
             size = load<std::uint32_t>(page.bytes, at + 12);
  const auto data = data_of(page, index, pos, std::uint64_t{key_size} + size);
  return {load<std::uint32_t>(page.bytes, at), data.substr(0, key_size), data.substr(key_size)};
}

Page page_of(std::string_view bytes) {
  const Page page{load<std::uint16_t>(bytes, 8), load<std::uint16_t>(bytes, 10), bytes};
  if (kHeaderSize + page.count * kElementSize > bytes.size()) refuse("a page has more elements than room");
  return page;
}

}  // namespace

class BoltReader {
 public:
  explicit BoltReader(std::string_view bytes) : bytes_(bytes) {
    file_.meta_ = newest_meta(bytes);
    file_.used_.resize(file_.meta_.end);
    for (std::uint64_t id = 0; id < std::min(kFirstTreePage, file_.meta_.end); ++id) file_.used_[id] = true;
  }

  BoltFile read() {
    const auto freelist = page(file_.meta_.freelist);
    if (freelist.flags != kFreelist) refuse("its freelist is none");
    std::vector<LeafElement> buckets;
    walk(file_.meta_.root, 0, [&](const LeafElement& element) { buckets.push_back(element); });
    if (buckets.size() > 1) refuse(fmt::format("it has {} buckets", buckets.size()));
    for (const auto& bucket : buckets) read_bucket(bucket);
    return std::move(file_);
  }

 private:
  using Visit = std::function<void(const LeafElement&)>;

  void read_bucket(const LeafElement& bucket) {
    if (bucket.flags != kBucketFlag || bucket.value.size() < kBucketSize)
      refuse("its root has what is no bucket");
    file_.bucket_ = bucket.key;
    file_.bucket_sequence_ = load<std::uint64_t>(bucket.value, 8);
    const auto root = load<std::uint64_t>(bucket.value, 0);
    const Visit visit = [this](const LeafElement& element) { add(element); };
    if (root != 0) {
      walk(root, 0, visit);
      return;
    }
    // A small bucket: its only page is inside the value.
    const auto inside = bucket.value.substr(kBucketSize);
    if (inside.size() < kHeaderSize) refuse("a bucket is cut short");
    const auto page = page_of(inside);
    if (page.flags != kLeaf) refuse("a bucket inside a page is no leaf");
    each(page, visit);
  }

  void add(const LeafElement& element) {
    if (element.flags != 0) refuse("it has a bucket inside its bucket");
    if (element.key.empty()) refuse("it has an empty key");
    if (!file_.entries_.empty() && file_.entries_.back().key >= element.key)
      refuse("its keys are not in order");
    // Elements that overlap would make more of a file than it has.
    size_ += element.key.size() + element.value.size();
    if (size_ > bytes_.size()) refuse("its elements overlap");
    file_.entries_.push_back({std::string(element.key), std::string(element.value)});
  }

  static void each(const Page& page, const Visit& visit) {
    for (std::size_t i = 0; i < page.count; ++i) visit(leaf_element(page, i));
  }

  void walk(std::uint64_t id, int level, const Visit& visit) {
    if (level == kMostLevels) refuse("its tree is too deep");
    const auto node = page(id);
    if (node.flags == kLeaf) {
      each(node, visit);
      return;
    }
    if (node.flags != kBranch) refuse(fmt::format("page {} is neither branch nor leaf", id));
    if (node.count == 0) refuse(fmt::format("branch page {} is empty", id));
    for (std::size_t i = 0; i < node.count; ++i) {
      walk(load<std::uint64_t>(node.bytes, kHeaderSize + i * kElementSize + 8), level + 1, visit);
    }
  }

  // Each page is read once: that also ends every circle.
  Page page(std::uint64_t id) {
    const std::uint64_t size = file_.meta_.page_size;
    if (id < kFirstTreePage || id >= file_.meta_.end) refuse(fmt::format("there is no page {}", id));
    const auto header = bytes_.substr(id * size, kHeaderSize);
    const auto length = std::uint64_t{load<std::uint32_t>(header, 12)} + 1;
    if (load<std::uint64_t>(header, 0) != id) refuse(fmt::format("page {} says that it is another", id));
    if (length > file_.meta_.end - id) refuse(fmt::format("page {} reaches beyond the end", id));
    for (auto used = id; used < id + length; ++used) {
      if (file_.used_[used]) refuse(fmt::format("page {} is used twice", used));
      file_.used_[used] = true;
    }
    const auto whole = bytes_.substr(id * size, length * size);
    // A freelist has numbers for elements and needs no look inside: what is free is seen from the tree.
    if (load<std::uint16_t>(header, 8) == kFreelist) return {kFreelist, 0, whole};
    return page_of(whole);
  }

  std::string_view bytes_;
  std::size_t size_ = 0;  // of all entries
  BoltFile file_;
};

BoltFile BoltFile::parse(std::string_view bytes) {
  return BoltReader(bytes).read();
}

}  // namespace deis::ctl
