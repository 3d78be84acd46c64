#include "core/etcd/mirror.h"

#include <gtest/gtest.h>
// gtest first: rapidcheck's header needs it
#include <rapidcheck/gtest.h>

namespace deis::etcd {
namespace {

using Copy = std::map<std::string, KeyValue>;

KeyValue entry(const std::string& key, Revision revision) {
  return KeyValue{.key = key, .value = "at " + std::to_string(revision), .mod_revision = revision};
}

std::vector<KeyValue> listed(const std::map<std::string, int>& content) {
  std::vector<KeyValue> entries;
  for (const auto& [key, revision] : content) entries.push_back(entry(key, revision));
  return entries;
}

Copy copy_of(const std::map<std::string, int>& content) {
  Copy copy;
  for (auto& entry : listed(content)) copy[entry.key] = entry;
  return copy;
}

TEST(MirrorDifference, OfEqualContentIsEmpty) {
  const std::map<std::string, int> content{{"a", 1}, {"b", 2}};
  EXPECT_TRUE(difference(copy_of(content), listed(content)).empty());
}

TEST(MirrorDifference, NamesWhatIsNewChangedAndGone) {
  const auto changes =
      difference(copy_of({{"a", 1}, {"b", 2}, {"d", 3}}), listed({{"b", 4}, {"c", 5}, {"d", 3}}));
  ASSERT_EQ(changes.size(), 3U);
  EXPECT_EQ(changes[0].entry.key, "a");
  EXPECT_TRUE(changes[0].deleted);
  EXPECT_EQ(changes[1].entry.value, "at 4");
  EXPECT_EQ(changes[2].entry.key, "c");
}

// One revision per key, 0 for a key that is not there.
std::map<std::string, int> content_of(const std::vector<int>& revisions) {
  std::map<std::string, int> content;
  for (std::size_t i = 0; i < revisions.size(); ++i) {
    if (revisions[i] > 0) content[std::to_string(i)] = revisions[i];
  }
  return content;
}

RC_GTEST_PROP(MirrorDifference, AppliedToTheOldContentGivesTheNewOne, ()) {
  const auto revisions = rc::gen::container<std::vector<int>>(6, rc::gen::inRange(0, 3));
  const auto before = content_of(*revisions), after = content_of(*revisions);
  Copy copy = copy_of(before);
  for (const auto& change : difference(copy, listed(after))) {
    if (change.deleted) {
      RC_ASSERT(copy.erase(change.entry.key) == 1U);
    } else {
      copy[change.entry.key] = change.entry;
    }
  }
  RC_ASSERT(copy.size() == after.size());
  for (const auto& [key, revision] : after) RC_ASSERT(copy.at(key).mod_revision == revision);
}

}  // namespace
}  // namespace deis::etcd
