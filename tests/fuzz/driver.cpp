// What libFuzzer calls.
#include "core/base/fuzz.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  deis::fuzz::target().run(std::string_view(reinterpret_cast<const char*>(data), size));
  return 0;
}
