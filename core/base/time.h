#pragma once
// Points in time as the contract writes them, and the clock as a seam for tests.

#include <chrono>
#include <string>
#include <string_view>

namespace deis {

using SystemTime = std::chrono::system_clock::time_point;
using Deadline = std::chrono::steady_clock::time_point;  // absolute; passed down, never re-computed

inline Deadline in(std::chrono::steady_clock::duration from_now) {
  return std::chrono::steady_clock::now() + from_now;
}

std::string format_utc(SystemTime t);            // 2026-11-23T14:12:38UTC     (contract api.md §1.9)
std::string format_iso_micros(SystemTime t);     // 2026-11-23T14:12:17.501264Z (user objects only)
std::string format_rfc3339_nanos(SystemTime t);  // 2026-11-23T14:12:17.501264123Z (logs)
// Docker's and our own RFC 3339 stamps, 0-9 fraction digits, Z or +hh:mm. Throws Error invalid.
SystemTime parse_rfc3339(std::string_view text);

}  // namespace deis
