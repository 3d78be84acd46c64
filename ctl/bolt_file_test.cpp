#include "ctl/bolt_file.h"

#include "core/base/error.h"
#include "core/component/durable_file.h"
#include "ctl/bolt_format.h"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include <algorithm>

namespace deis::ctl {
namespace {

using namespace bolt;

constexpr std::size_t kPage = 4096;
const std::string kStale = "docker/network/v1.0/bridge/urbt3bgziic45t6m8856luh4r/";

// The file of a Docker Engine 20.10 after kill -9: a branch with three leaves. Pages that were never used are
// cut off.
const std::string& sample() {
  static const std::string bytes = component::read_file(DEIS_BOLT_SAMPLE).value();
  return bytes;
}

void put_into(std::string& file, const BoltWrite& write) {
  file.resize(std::max<std::size_t>(file.size(), write.offset + write.bytes.size()));
  file.replace(write.offset, write.bytes.size(), write.bytes);
}

std::string applied(std::string file, const BoltTransaction& transaction) {
  for (const auto& page : transaction.pages) put_into(file, page);
  put_into(file, transaction.meta);
  return file;
}

std::string without(const std::string& file, const std::string& key) {
  return applied(file, BoltFile::parse(file).without([&](const auto& other) { return other == key; }));
}

// The smallest file that bbolt makes: no bucket, an empty root page.
std::string empty_file() {
  std::string file(4 * kPage, '\0');
  for (std::uint64_t slot : {0, 1}) {
    const auto page = slot * kPage, meta = page + kHeaderSize;
    store(file, page, slot);
    store(file, page + 8, kMeta);
    store(file, meta, kMagic);
    store(file, meta + 4, kVersion);
    store(file, meta + 8, std::uint32_t{kPage});
    store(file, meta + 16, std::uint64_t{3});  // root
    store(file, meta + 32, std::uint64_t{2});  // freelist
    store(file, meta + 40, std::uint64_t{4});  // end
    store(file, meta + 48, slot);
    store(file, meta + kChecksumAt, checksum(std::string_view(file).substr(meta, kChecksumAt)));
  }
  store(file, 2 * kPage, std::uint64_t{2});
  store(file, 2 * kPage + 8, kFreelist);
  store(file, 3 * kPage, std::uint64_t{3});
  store(file, 3 * kPage + 8, kLeaf);
  return file;
}

// With one bucket whose only page is inside the root's: "k0", "k1"... with values of these sizes.
std::string file_with_inline_bucket(const std::vector<std::size_t>& sizes) {
  std::string page(kHeaderSize + sizes.size() * kElementSize, '\0');
  store(page, 8, kLeaf);
  store(page, 10, static_cast<std::uint16_t>(sizes.size()));
  for (std::size_t i = 0; i < sizes.size(); ++i) {
    const auto at = kHeaderSize + i * kElementSize;
    const auto key = fmt::format("k{}", i);
    store(page, at + 4, static_cast<std::uint32_t>(page.size() - at));
    store(page, at + 8, static_cast<std::uint32_t>(key.size()));
    store(page, at + 12, static_cast<std::uint32_t>(sizes[i]));
    page += key + std::string(sizes[i], static_cast<char>('a' + i % 26));
  }
  const std::string name = "libnetwork";
  const std::string value = std::string(kBucketSize, '\0') + page;
  auto file = empty_file();
  const auto root = 3 * kPage;
  store(file, root + 10, std::uint16_t{1});
  store(file, root + kHeaderSize, kBucketFlag);
  store(file, root + kHeaderSize + 4, static_cast<std::uint32_t>(kElementSize));
  store(file, root + kHeaderSize + 8, static_cast<std::uint32_t>(name.size()));
  store(file, root + kHeaderSize + 12, static_cast<std::uint32_t>(value.size()));
  file.replace(root + kHeaderSize + kElementSize, name.size() + value.size(), name + value);
  return file;
}

TEST(BoltFile, OfARealEngineIsReadWithAllItsKeys) {
  const auto file = BoltFile::parse(sample());
  EXPECT_EQ(file.bucket(), "libnetwork");
  EXPECT_EQ(file.entries().size(), 18U);
  EXPECT_THAT(file.entries(), testing::Contains(testing::Field(&BoltEntry::key, kStale)));
  EXPECT_EQ(file.entries().back().key, "docker/network/v1.0/sandbox/ingress_sbox/");
  EXPECT_EQ(file.entries().back().value.size(), 308U);
}

TEST(BoltFile, EveryKeyCanBeRemovedAndAllOthersStayWithTheirValues) {
  const auto before = BoltFile::parse(sample()).entries();
  for (const auto& entry : before) {
    auto expected = before;
    std::erase(expected, entry);
    EXPECT_EQ(BoltFile::parse(without(sample(), entry.key)).entries(), expected) << entry.key;
  }
}

TEST(BoltFile, CanBeEmptiedKeyByKeyWithoutGrowingForEver) {
  auto bytes = sample();
  auto left = BoltFile::parse(bytes).entries();
  while (!left.empty()) {
    bytes = without(bytes, left[left.size() / 2].key);
    left.erase(left.begin() + static_cast<std::ptrdiff_t>(left.size() / 2));
    ASSERT_EQ(BoltFile::parse(bytes).entries(), left);
  }
  EXPECT_EQ(BoltFile::parse(bytes).bucket(), "libnetwork");
  EXPECT_LE(bytes.size(), sample().size() + 8 * kPage);
}

std::string key_at(std::string_view page, std::size_t element, std::size_t pos_at) {
  const auto at = kHeaderSize + element * kElementSize;
  const auto pos = load<std::uint32_t>(page, at + pos_at), size = load<std::uint32_t>(page, at + pos_at + 4);
  return std::string(page.substr(at + pos, size));
}

// bbolt finds a page's place in the page above by its first key.
TEST(BoltFile, BranchesHaveTheFirstKeysOfThePagesBelowThem) {
  const auto first = BoltFile::parse(sample()).entries().front().key;
  const auto transaction = BoltFile::parse(sample()).without([&](const auto& key) { return key == first; });
  const auto file = applied(sample(), transaction);
  std::size_t seen = 0;
  for (const auto& branch : transaction.pages) {
    if (load<std::uint16_t>(branch.bytes, 8) != kBranch) continue;
    for (std::size_t i = 0; i < load<std::uint16_t>(branch.bytes, 10); ++i, ++seen) {
      const auto below = load<std::uint64_t>(branch.bytes, kHeaderSize + i * kElementSize + 8);
      EXPECT_EQ(key_at(branch.bytes, i, 0), key_at(std::string_view(file).substr(below * kPage), 0, 4));
    }
  }
  EXPECT_GE(seen, 2U);
}

TEST(BoltFile, CrashBeforeTheMetaPageIsWrittenLeavesTheOldContent) {
  const auto before = BoltFile::parse(sample());
  const auto transaction = before.without([](const auto& key) { return key == kStale; });
  auto torn = sample();
  for (const auto& page : transaction.pages) {
    put_into(torn, page);
    EXPECT_EQ(BoltFile::parse(torn).entries(), before.entries());
  }
  auto half = transaction.meta;
  half.bytes.resize(half.bytes.size() / 2);
  put_into(torn, half);
  EXPECT_EQ(BoltFile::parse(torn).entries(), before.entries());
}

TEST(BoltFile, WithoutABucketHasNoKeys) {
  const auto file = BoltFile::parse(empty_file());
  EXPECT_TRUE(file.entries().empty());
  const auto after = applied(empty_file(), file.without([](const auto&) { return true; }));
  EXPECT_TRUE(BoltFile::parse(after).entries().empty());
}

TEST(BoltFile, WithItsBucketInsideTheRootPageIsReadAndChanged) {
  const auto file = file_with_inline_bucket({3, 0, 700, 5});
  ASSERT_EQ(BoltFile::parse(file).entries().size(), 4U);
  EXPECT_THAT(
      BoltFile::parse(without(file, "k1")).entries(),
      testing::ElementsAre(
          BoltEntry{"k0", "aaa"}, BoltEntry{"k2", std::string(700, 'c')}, BoltEntry{"k3", "ddddd"}));
}

TEST(BoltFile, CutShortIsRefused) {
  for (std::size_t size = 0; size < sample().size(); size += 61) {
    EXPECT_THROW(BoltFile::parse(sample().substr(0, size)), Error) << size;
  }
}

TEST(BoltFile, WithAnyByteOfAPageHeaderOrElementChangedIsRefusedOrReadInBounds) {
  int refused = 0, read = 0;
  for (std::size_t page = 0; page * kPage < sample().size(); ++page) {
    for (std::size_t at = 0; at < 120; ++at) {
      for (const int flip : {0x01, 0xff}) {
        auto changed = sample();
        changed[page * kPage + at] = static_cast<char>(changed[page * kPage + at] ^ flip);
        try {
          const auto file = BoltFile::parse(changed);
          const auto after = applied(changed, file.without([](const auto& key) { return key == kStale; }));
          EXPECT_LE(BoltFile::parse(after).entries().size(), file.entries().size());
          ++read;
        } catch (const Error& error) {
          EXPECT_EQ(error.code(), ErrorCode::invalid);
          ++refused;
        }
      }
    }
  }
  EXPECT_GT(refused, 100);
  EXPECT_GT(read, 100);
}

TEST(BoltFile, OfAnotherKindIsRefusedWithAReason) {
  for (const std::string& bytes :
       {std::string(), std::string("hello"), std::string(65536, '\0'), std::string(65536, '\xff')}) {
    try {
      BoltFile::parse(bytes);
      FAIL();
    } catch (const Error& error) {
      EXPECT_THAT(error.what(), testing::HasSubstr("no valid meta page"));
    }
  }
}

}  // namespace
}  // namespace deis::ctl
