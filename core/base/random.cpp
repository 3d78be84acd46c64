#include "core/base/random.h"

#include "core/base/text.h"

#include <sodium.h>

#include <stdexcept>
#include <vector>

namespace deis {
namespace {

std::string random_bytes(std::size_t count) {
  if (sodium_init() < 0) throw std::runtime_error("libsodium cannot be initialised: no source of randomness");
  std::string bytes(count, '\0');
  randombytes_buf(bytes.data(), bytes.size());
  return bytes;
}

}  // namespace

std::string random_hex(std::size_t bytes) {
  return hex_encode(random_bytes(bytes));
}

std::string random_base64(std::size_t bytes) {
  return base64_encode(random_bytes(bytes));
}

std::string random_uuid() {
  std::string bytes = random_bytes(16);
  bytes[6] = static_cast<char>((bytes[6] & 0x0f) | 0x40);  // version 4
  bytes[8] = static_cast<char>((bytes[8] & 0x3f) | 0x80);  // RFC 4122 variant
  std::string hex = hex_encode(bytes);
  for (const std::size_t at : {8, 13, 18, 23}) hex.insert(at, "-");
  return hex;
}

std::uint32_t random_below(std::uint32_t bound) {
  if (sodium_init() < 0) throw std::runtime_error("libsodium cannot be initialised: no source of randomness");
  return randombytes_uniform(bound);
}

}  // namespace deis
