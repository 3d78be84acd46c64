#include "router/table/heap.h"

#include <bit>
#include <cstring>
#include <limits>

namespace deis::router::table {
namespace {

// Blocks are multiples of a cache line; their last 16 bytes are the head of the next one, so that what is
// handed out begins on a line.
constexpr std::size_t kLine = 64, kLinear = 16;

std::size_t size_of(unsigned size_class) {
  if (size_class < kLinear) return (size_class + 1) * kLine;
  const unsigned step = size_class - kLinear;
  const std::size_t base = kLinear * kLine << (step / 4);
  return base + base / 4 * (step % 4 + 1);
}

unsigned class_of(std::size_t bytes) {
  if (bytes <= kLinear * kLine) return static_cast<unsigned>((bytes + kLine - 1) / kLine) - 1;
  const auto doublings = static_cast<unsigned>(std::bit_width((bytes - 1) / (kLinear * kLine))) - 1;
  const std::size_t base = kLinear * kLine << doublings;
  const auto quarter = static_cast<unsigned>((bytes - base + base / 4 - 1) / (base / 4));
  return kLinear + doublings * 4 + quarter - 1;
}

}  // namespace

void Heap::format(Offset begin) {
  header_.heap_begin = (begin + kLine - 1) / kLine * kLine + kLine - sizeof(Block);
  header_.heap_top = header_.heap_begin;
}

Offset Heap::allocate(std::size_t bytes, Use use) {
  const unsigned size_class = class_of(bytes + sizeof(Block));
  if (size_class >= kSizeClasses) throw TableFull();
  const std::size_t payload_size = size_of(size_class) - sizeof(Block);
  Offset payload = header_.free[size_class];
  if (payload != 0) {
    header_.free[size_class] = block_of(payload).next;
    std::memset(segment_.at<std::byte>(payload), 0, payload_size);
  } else {
    const Offset end = header_.heap_top + size_of(size_class);
    if (end > segment_.size()) throw TableFull();
    payload = header_.heap_top + sizeof(Block);
    block_of(payload).size_class = size_class;
    header_.heap_top = end;  // after the size: whoever walks the heap must find it
  }
  block_of(payload).use = use;
  return payload;
}

void Heap::free(Offset payload) {
  Block& block = block_of(payload);
  block.use = Use::nothing;
  block.next = header_.free[block.size_class];
  header_.free[block.size_class] = payload;
}

void Heap::retire(Offset block, std::function<bool()> idle) {
  retired_.push_back({block, header_.epoch.load(), std::move(idle)});
}

// The epoch of the reader that has been looking for longest; the greatest number when all are at rest.
std::uint64_t Heap::oldest_reader() const {
  std::uint64_t oldest = std::numeric_limits<std::uint64_t>::max();
  for (const Reader& reader : header_.readers) {
    const std::uint64_t reading = reader.reading.load();
    if (reading != 0 && reading < oldest) oldest = reading;
  }
  return oldest;
}

std::size_t Heap::reclaim() {
  if (retired_.empty()) return 0;
  header_.epoch.fetch_add(1);
  const std::uint64_t oldest = oldest_reader();
  std::erase_if(retired_, [&](const Retired& retired) {
    if (retired.epoch >= oldest || (retired.idle && !retired.idle())) return false;
    free(retired.block);
    return true;
  });
  return retired_.size();
}

void Heap::adopt(const std::unordered_set<Offset>& reachable, const std::function<void(Offset)>& on_slot) {
  retired_.clear();
  header_.free.fill(0);
  for (Offset at = header_.heap_begin; at < header_.heap_top;) {
    const Offset payload = at + sizeof(Block);
    Block& block = block_of(payload);
    at += size_of(block.size_class);
    if (reachable.contains(payload)) continue;
    if (block.use == Use::nothing) {
      free(payload);
    } else if (block.use == Use::slot) {
      on_slot(payload);
    } else {
      retire(payload);
    }
  }
}

}  // namespace deis::router::table
