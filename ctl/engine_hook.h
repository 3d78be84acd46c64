#pragma once
// Has systemd run `deisctl engine-clean` before every start of Docker Engine (engine_state.h says why): a
// drop-in for docker.service. Without systemd there is nothing to do here: whoever starts dockerd runs the
// command before (script/lib.sh does).

#include "ctl/platform.h"

#include <filesystem>
#include <string>

namespace deis::ctl {

// Pure: the drop-in's content. Error{invalid} when the Engine's data root has a character that no unit file
// can carry.
std::string engine_drop_in(const std::filesystem::path& engine_root);

// Written when it is not there or another one; only for the Engine of this machine.
Task<> ensure_engine_hook(Platform& platform);
Task<> remove_engine_hook();

}  // namespace deis::ctl
