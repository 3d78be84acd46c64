#pragma once
// Secrets and identities, all from the kernel's generator (libsodium). Thread safe.

#include <cstddef>
#include <cstdint>
#include <string>

namespace deis {

std::string random_hex(std::size_t bytes);        // 2 lower-case digits per byte
std::string random_base64(std::size_t bytes);     // standard alphabet with padding
std::string random_uuid();                        // version 4, lower case, with hyphens
std::uint32_t random_below(std::uint32_t bound);  // uniform in [0, bound); bound >= 1

}  // namespace deis
