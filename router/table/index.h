#pragma once
// Names to values in the shared memory: a hash table that any number of readers may search while one writer
// changes it. An entry's value is exchanged in one step; a name that is erased has the value 0 for readers
// that still hold its node.

#include "router/table/heap.h"

#include <functional>
#include <string>
#include <string_view>

namespace deis::router::table {

// nullptr when there is no such name; a node whose value is 0 does not tell: look again. Call it between
// Reader::reading being set and cleared, or as the writer.
inline const Node* find(const Segment& segment, Kind kind, std::string_view name, std::uint64_t hash) {
  Index& index = segment.at<Header>(0)->indexes[static_cast<unsigned>(kind)];
  const Offset buckets = index.buckets.load();
  if (buckets == 0) return nullptr;
  for (Offset at = (*segment.at<Buckets>(buckets))[hash].load(); at != 0;) {
    const Node* node = segment.at<Node>(at);
    if (node->hash == hash && node->name() == name) return node;
    at = node->next.load();
  }
  return nullptr;
}

class IndexWriter {
 public:
  IndexWriter(Segment& segment, Heap& heap, Kind kind);

  Offset find(std::string_view name) const;  // the value; 0: absent
  // Returns the value that was replaced, or 0. Throws TableFull and leaves everything as it is.
  Offset put(std::string_view name, Offset value);
  Offset erase(std::string_view name);  // returns the value; 0: was absent
  void each(const std::function<void(std::string_view name, Offset value)>& visit) const;
  std::uint64_t count() const { return index_.count.load(); }
  void mark(std::unordered_set<Offset>& reachable) const;  // its buckets and nodes, not the values

 private:
  Buckets& buckets() const { return *segment_.at<Buckets>(index_.buckets.load()); }
  Offset new_buckets(std::uint64_t count);
  Offset new_node(std::string_view name, std::uint64_t hash, Offset value, Offset next);
  void grow();

  Segment& segment_;
  Heap& heap_;
  Index& index_;
  std::uint64_t seed_;
};

}  // namespace deis::router::table
