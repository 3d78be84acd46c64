#include "router/table/index.h"

#include "router/table/hash.h"

#include <cstring>
#include <new>

namespace deis::router::table {

namespace {
constexpr std::uint64_t kFirstBuckets = 64;
}

IndexWriter::IndexWriter(Segment& segment, Heap& heap, Kind kind)
    : segment_(segment),
      heap_(heap),
      index_(segment.at<Header>(0)->indexes[static_cast<unsigned>(kind)]),
      seed_(segment.at<Header>(0)->hash_seed) {}

Offset IndexWriter::find(std::string_view name) const {
  if (index_.buckets.load() == 0) return 0;
  const std::uint64_t wanted = hash(name, seed_);
  for (Offset at = buckets()[wanted].load(); at != 0; at = segment_.at<Node>(at)->next.load()) {
    const Node& node = *segment_.at<Node>(at);
    if (node.hash == wanted && node.name() == name) return node.value.load();
  }
  return 0;
}

Offset IndexWriter::new_buckets(std::uint64_t count) {
  const Offset made = heap_.allocate(sizeof(Buckets) + count * sizeof(std::atomic<Offset>));
  segment_.at<Buckets>(made)->mask = count - 1;
  return made;
}

Offset IndexWriter::new_node(std::string_view name, std::uint64_t hash, Offset value, Offset next) {
  const Offset made = heap_.allocate(sizeof(Node) + name.size());
  Node& node = *segment_.at<Node>(made);
  node.next.store(next);
  node.value.store(value);
  node.hash = hash;
  node.size = static_cast<std::uint32_t>(name.size());
  std::memcpy(static_cast<void*>(&node + 1), name.data(), name.size());
  return made;
}

Offset IndexWriter::put(std::string_view name, Offset value) {
  const std::uint64_t wanted = hash(name, seed_);
  if (index_.buckets.load() == 0) index_.buckets.store(new_buckets(kFirstBuckets));
  for (Offset at = buckets()[wanted].load(); at != 0; at = segment_.at<Node>(at)->next.load()) {
    Node& node = *segment_.at<Node>(at);
    if (node.hash == wanted && node.name() == name) return node.value.exchange(value);
  }
  if (index_.count.load() > buckets().mask) grow();
  std::atomic<Offset>& bucket = buckets()[wanted];
  bucket.store(new_node(name, wanted, value, bucket.load()));
  index_.count.fetch_add(1);
  return 0;
}

Offset IndexWriter::erase(std::string_view name) {
  if (index_.buckets.load() == 0) return 0;
  const std::uint64_t wanted = hash(name, seed_);
  std::atomic<Offset>* link = &buckets()[wanted];
  while (link->load() != 0) {
    const Offset at = link->load();
    Node& node = *segment_.at<Node>(at);
    if (node.hash == wanted && node.name() == name) {
      const Offset value = node.value.exchange(0);
      link->store(node.next.load());
      heap_.retire(at);
      index_.count.fetch_sub(1);
      return value;
    }
    link = &node.next;
  }
  return 0;
}

// Readers may be on their way along the chains, so that these stay as they are: the larger table has nodes of
// its own. Whoever holds an old node would not see its value change: the old ones get the value 0, which
// sends readers back to look again.
void IndexWriter::grow() {
  const Offset old = index_.buckets.load();
  Buckets& from = *segment_.at<Buckets>(old);
  const Offset larger = new_buckets((from.mask + 1) * 2);
  Buckets& to = *segment_.at<Buckets>(larger);
  std::vector<Offset> nodes;
  for (std::uint64_t i = 0; i <= from.mask; ++i) {
    for (Offset at = from[i].load(); at != 0; at = segment_.at<Node>(at)->next.load()) {
      const Node& node = *segment_.at<Node>(at);
      std::atomic<Offset>& bucket = to[node.hash];
      bucket.store(new_node(node.name(), node.hash, node.value.load(), bucket.load()));
      nodes.push_back(at);
    }
  }
  index_.buckets.store(larger);
  for (const Offset at : nodes) {
    segment_.at<Node>(at)->value.store(0);
    heap_.retire(at);
  }
  heap_.retire(old);
}

void IndexWriter::each(const std::function<void(std::string_view, Offset)>& visit) const {
  if (index_.buckets.load() == 0) return;
  for (std::uint64_t i = 0; i <= buckets().mask; ++i) {
    for (Offset at = buckets()[i].load(); at != 0; at = segment_.at<Node>(at)->next.load()) {
      const Node& node = *segment_.at<Node>(at);
      visit(node.name(), node.value.load());
    }
  }
}

void IndexWriter::mark(std::unordered_set<Offset>& reachable) const {
  if (index_.buckets.load() == 0) return;
  reachable.insert(index_.buckets.load());
  for (std::uint64_t i = 0; i <= buckets().mask; ++i) {
    for (Offset at = buckets()[i].load(); at != 0; at = segment_.at<Node>(at)->next.load())
      reachable.insert(at);
  }
}

}  // namespace deis::router::table
