// BoltFile::replace: a new tree in pages that are free, and the meta page that leads to it.

#include "ctl/bolt_file.h"
#include "ctl/bolt_format.h"

#include <algorithm>
#include <span>

namespace deis::ctl {
namespace {

using namespace bolt;

constexpr std::size_t kMostElements = 0xFFFE;  // of a page, which counts them in 16 bits

// What is put into a page: a leaf's key with its value, or a branch's key with the page below.
struct Element {
  std::string_view key, value;
  std::uint64_t page = 0;
  std::uint32_t flags = 0;

  std::size_t size() const { return kElementSize + key.size() + value.size(); }
};

using Elements = std::vector<Element>;

class TreeWriter {
 public:
  TreeWriter(std::uint32_t page_size, std::vector<bool> used)
      : page_size_(page_size), used_(std::move(used)), fresh_(used_.size()) {}

  // The root page of a tree with these elements in its leaves.
  std::uint64_t tree(const Elements& elements) {
    auto level = write_level(elements, kLeaf);
    while (level.size() > 1) level = write_level(level, kBranch);
    return level.front().page;
  }

  // To be called last: all that the new trees do not use becomes free, what the old ones used included.
  std::uint64_t freelist() {
    const std::size_t most = used_.size() + 1;  // pages, and their number if there are many
    const auto length = pages_for(kHeaderSize + 8 * most);
    const auto id = reserve(length);
    std::vector<std::uint64_t> free;
    for (std::uint64_t page = kFirstTreePage; page < fresh_.size(); ++page) {
      if (!fresh_[page]) free.push_back(page);
    }
    const bool many = free.size() >= kManyFree;
    auto bytes = new_page(id, length, kFreelist, many ? kManyFree : free.size());
    if (many) free.insert(free.begin(), free.size());
    for (std::size_t i = 0; i < free.size(); ++i) store(bytes, kHeaderSize + 8 * i, free[i]);
    writes_.push_back({id * page_size_, std::move(bytes)});
    return id;
  }

  std::uint64_t end() const { return used_.size(); }
  std::vector<BoltWrite> take_writes() { return std::move(writes_); }

 private:
  std::uint64_t pages_for(std::size_t bytes) const { return (bytes + page_size_ - 1) / page_size_; }

  bool is_free(std::uint64_t page) const { return page >= used_.size() || !used_[page]; }

  // The first run of `length` free pages; the file grows when there is none.
  std::uint64_t reserve(std::uint64_t length) {
    std::uint64_t begin = kFirstTreePage;
    for (auto page = begin; page < begin + length; ++page) {
      if (!is_free(page)) begin = page + 1;
    }
    const auto end = std::max<std::uint64_t>(used_.size(), begin + length);
    used_.resize(end);
    fresh_.resize(end);
    std::fill_n(used_.begin() + begin, length, true);
    std::fill_n(fresh_.begin() + begin, length, true);
    return begin;
  }

  std::string new_page(std::uint64_t id, std::uint64_t length, std::uint16_t flags, std::size_t count) const {
    std::string bytes(length * page_size_, '\0');
    store(bytes, 0, id);
    store(bytes, 8, flags);
    store(bytes, 10, static_cast<std::uint16_t>(count));
    store(bytes, 12, static_cast<std::uint32_t>(length - 1));
    return bytes;
  }

  // Fills pages with the elements; what a level above has to say about them.
  Elements write_level(const Elements& elements, std::uint16_t flags) {
    Elements above;
    // A branch of one would not bring the tree nearer to its root.
    const std::size_t least = flags == kBranch ? 2 : 1;
    std::size_t begin = 0;
    do {
      std::size_t size = kHeaderSize, end = begin;
      for (; end < elements.size() && end - begin < kMostElements; ++end) {
        if (end - begin >= least && size + elements[end].size() > page_size_) break;
        size += elements[end].size();
      }
      const auto page = write_page(std::span(elements).subspan(begin, end - begin), size, flags);
      above.push_back({.key = elements.empty() ? std::string_view() : elements[begin].key, .page = page});
      begin = end;
    } while (begin < elements.size());
    return above;
  }

  std::uint64_t write_page(std::span<const Element> elements, std::size_t size, std::uint16_t flags) {
    const auto length = pages_for(size);
    const auto id = reserve(length);
    auto bytes = new_page(id, length, flags, elements.size());
    std::size_t at = kHeaderSize, data = kHeaderSize + elements.size() * kElementSize;
    for (const auto& element : elements) {
      const auto pos = static_cast<std::uint32_t>(data - at);
      const auto key_size = static_cast<std::uint32_t>(element.key.size());
      if (flags == kBranch) {
        store(bytes, at, pos);
        store(bytes, at + 4, key_size);
        store(bytes, at + 8, element.page);
      } else {
        store(bytes, at, element.flags);
        store(bytes, at + 4, pos);
        store(bytes, at + 8, key_size);
        store(bytes, at + 12, static_cast<std::uint32_t>(element.value.size()));
      }
      bytes.replace(data, element.key.size(), element.key);
      bytes.replace(data + element.key.size(), element.value.size(), element.value);
      at += kElementSize;
      data += element.key.size() + element.value.size();
    }
    writes_.push_back({id * page_size_, std::move(bytes)});
    return id;
  }

  std::uint64_t page_size_;
  std::vector<bool> used_;   // by the old content or the new
  std::vector<bool> fresh_;  // by the new
  std::vector<BoltWrite> writes_;
};

BoltWrite meta_page(const BoltMeta& meta) {
  const std::uint64_t slot = meta.transaction % 2;
  std::string page(kHeaderSize, '\0'), body(kMetaSize, '\0');
  store(page, 0, slot);
  store(page, 8, kMeta);
  store(body, 0, kMagic);
  store(body, 4, kVersion);
  store(body, 8, meta.page_size);
  store(body, 16, meta.root);
  store(body, 24, meta.root_sequence);
  store(body, 32, meta.freelist);
  store(body, 40, meta.end);
  store(body, 48, meta.transaction);
  store(body, kChecksumAt, checksum(std::string_view(body).substr(0, kChecksumAt)));
  return {slot * meta.page_size, page + body};
}

}  // namespace

BoltTransaction BoltFile::without(const std::function<bool(const std::string& key)>& unwanted) const {
  auto kept = entries_;
  std::erase_if(kept, [&](const auto& entry) { return unwanted(entry.key); });
  return replace(kept);
}

BoltTransaction BoltFile::replace(const std::vector<BoltEntry>& entries) const {
  Elements elements;
  for (const auto& entry : entries) elements.push_back({.key = entry.key, .value = entry.value});
  TreeWriter writer(meta_.page_size, used_);
  Elements buckets;
  std::string bucket(kBucketSize, '\0');
  if (!bucket_.empty()) {
    store(bucket, 0, writer.tree(elements));
    store(bucket, 8, bucket_sequence_);
    buckets.push_back({.key = bucket_, .value = bucket, .flags = kBucketFlag});
  }
  auto meta = meta_;
  ++meta.transaction;
  meta.root = writer.tree(buckets);
  meta.freelist = writer.freelist();
  meta.end = writer.end();
  return {writer.take_writes(), meta_page(meta)};
}

}  // namespace deis::ctl
