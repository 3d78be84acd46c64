#pragma once
// Tidies Docker Engine's own record of its networks before it starts: what there is to tidy, engine_state.h
// tells.

#include <filesystem>
#include <string>
#include <vector>

namespace deis::ctl {

inline constexpr const char* kEngineRoot = "/var/lib/docker";

// In the file below the Engine's data root, which is copied to local-kv.db.deis-backup first. Returns what
// was changed, a line each. Error{conflict} while the Engine runs, whose locks show it; Error{invalid} when
// the file is not as expected: nothing is changed then.
std::vector<std::string> clean_engine(const std::filesystem::path& engine_root);

}  // namespace deis::ctl
