#pragma once
// Fuzz targets (script/fuzz):
//   DEIS_FUZZ(host_name) { ... `input` ...; FUZZ_REQUIRE(what always holds); }
// Declared with deis_fuzzer() in the folder's CMakeLists.txt; seeds and old findings lie in
// tests/fuzz/corpus/<name> and are run again by the ordinary unit tests. One target per source file.

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string_view>

namespace deis::fuzz {

struct Target {
  const char* name = nullptr;
  void (*run)(std::string_view input) = nullptr;
};

inline Target& target() {
  static Target the_one;
  return the_one;
}

struct Registrar {
  Registrar(const char* name, void (*run)(std::string_view)) { target() = {name, run}; }
};

[[noreturn]] inline void fail(const char* condition, const char* file, int line) {
  std::fprintf(stderr, "%s:%d: does not hold: %s\n", file, line, condition);
  std::abort();
}

// Choices that the input makes: its first byte seeds them, so that a seed file reads as what it is about.
class Choices {
 public:
  explicit Choices(std::string_view& input) {
    if (input.empty()) return;
    state_ += static_cast<unsigned char>(input.front());
    input.remove_prefix(1);
  }
  // 1 to `most`.
  std::size_t size(std::size_t most) {
    state_ = state_ * 6364136223846793005U + 1442695040888963407U;
    return 1 + static_cast<std::size_t>(state_ >> 33) % most;
  }
  // Takes a piece off the front of `rest`: often a few bytes, now and then many.
  std::string_view piece(std::string_view& rest) {
    const std::size_t most = size(4) == 1 ? 1 << 16 : 16;
    const std::string_view taken = rest.substr(0, size(most));
    rest.remove_prefix(taken.size());
    return taken;
  }

 private:
  std::uint64_t state_ = 1;
};

}  // namespace deis::fuzz

#define DEIS_FUZZ(name)                                                      \
  static void name##_fuzz(std::string_view input);                           \
  static const ::deis::fuzz::Registrar name##_registrar(#name, name##_fuzz); \
  static void name##_fuzz([[maybe_unused]] std::string_view input)

#define FUZZ_REQUIRE(condition) \
  if (!(condition)) ::deis::fuzz::fail(#condition, __FILE__, __LINE__)
