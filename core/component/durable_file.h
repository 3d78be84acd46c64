#pragma once
// Small files that must survive a crash: markers, secrets, rendered configuration. Blocking; meant for the
// start of a component and for the worker pool.

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

namespace deis::component {

// The old content or the new one, never a part: written beside, flushed to disk, renamed. Throws
// Error{unavailable} with the path and the cause (disk full, read-only).
void write_durably(const std::filesystem::path& path, std::string_view content, unsigned mode = 0600);

// As write_durably(), but never replaces a file: false when there is one already, which stays as it is. Of
// several processes one succeeds.
bool create_durably(const std::filesystem::path& path, std::string_view content, unsigned mode = 0600);

// nullopt when there is no such file; any other failure is Error{unavailable}: "cannot read" never means
// "absent".
std::optional<std::string> read_file(const std::filesystem::path& path);

}  // namespace deis::component
