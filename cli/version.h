#pragma once

namespace deis::cli {

inline constexpr auto kVersion = "1.13.4";
inline constexpr auto kApiVersion = "1.7";

}  // namespace deis::cli
