#pragma once
// A seeded hash of names: visitors choose them, and shall not be able to make them collide.

#include <cstdint>
#include <cstring>
#include <string_view>

namespace deis::router::table {

inline std::uint64_t mix(std::uint64_t a, std::uint64_t b) {
  const auto product = static_cast<unsigned __int128>(a) * b;
  return static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64U);
}

inline std::uint64_t hash(std::string_view text, std::uint64_t seed) {
  constexpr std::uint64_t kOdd = 0x9E3779B97F4A7C15;
  std::uint64_t state = mix(seed ^ kOdd, text.size() + kOdd);
  while (!text.empty()) {
    std::uint64_t word = 0;
    const std::size_t taken = text.size() < sizeof(word) ? text.size() : sizeof(word);
    std::memcpy(&word, text.data(), taken);
    state = mix(state ^ word, seed ^ kOdd);
    text.remove_prefix(taken);
  }
  return mix(state, kOdd);
}

}  // namespace deis::router::table
