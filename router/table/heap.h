#pragma once
// The writer's memory within the segment: blocks of few sizes, free ones in a list per size. What readers may
// still be looking at is retired first and freed when they cannot be any more. Of the writer's thread only.

#include "router/table/layout.h"

#include <functional>
#include <stdexcept>
#include <unordered_set>
#include <vector>

namespace deis::router::table {

// The table does not fit into its memory.
struct TableFull : std::runtime_error {
  TableFull() : std::runtime_error("the routing table does not fit into its shared memory") {}
};

// A slot is written to by workers as long as a request is under way, also by those that do not look at the
// table.
enum class Use : std::uint32_t { nothing, data, slot };

class Heap {
 public:
  explicit Heap(Segment& segment) : segment_(segment), header_(*segment.at<Header>(0)) {}

  // Formats an empty heap that begins behind `begin`.
  void format(Offset begin);

  // Zeroed and aligned to 64 bytes. Throws TableFull.
  Offset allocate(std::size_t bytes, Use use = Use::data);

  // What was unlinked. It is free once no reader is looking and `idle` says so (when given).
  void retire(Offset block, std::function<bool()> idle = {});
  // Ends an epoch and frees what nobody can be looking at. Returns how many retired blocks are left.
  std::size_t reclaim();

  // After another process wrote: retires all data that is not in `reachable`, and gives slots that are not to
  // `on_slot`, which retires them with their condition.
  void adopt(const std::unordered_set<Offset>& reachable, const std::function<void(Offset)>& on_slot);

  std::size_t used() const { return header_.heap_top - header_.heap_begin; }

 private:
  struct Block {
    std::uint32_t size_class;
    Use use;
    Offset next;
  };
  struct Retired {
    Offset block;
    std::uint64_t epoch;
    std::function<bool()> idle;
  };

  Block& block_of(Offset payload) const { return *segment_.at<Block>(payload - sizeof(Block)); }
  void free(Offset payload);
  std::uint64_t oldest_reader() const;

  Segment& segment_;
  Header& header_;
  std::vector<Retired> retired_;
};

}  // namespace deis::router::table
