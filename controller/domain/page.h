#pragma once
// A part of a list, as lists are asked for and answered.

#include <algorithm>
#include <cstdint>
#include <optional>
#include <vector>

namespace deis::controller {

struct PageRequest {
  static constexpr std::int64_t kDefaultSize = 100;
  static constexpr std::int64_t kMaximumSize = 10'000;

  std::int64_t size = kDefaultSize;
  std::optional<std::int64_t> number = 1;  // from 1; nullopt is the last page

  // The page's number in a list of `count` items; an empty list has one empty page.
  std::int64_t resolve(std::int64_t count) const { return number.value_or(last(count)); }
  std::int64_t last(std::int64_t count) const { return std::max<std::int64_t>(1, (count + size - 1) / size); }
  std::int64_t offset(std::int64_t count) const { return (resolve(count) - 1) * size; }
};

template <typename T>
struct Page {
  std::int64_t count = 0;  // of the whole list
  std::vector<T> items;
};

}  // namespace deis::controller
