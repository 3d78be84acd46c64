#include "store/directory_backend.h"

#include "core/base/error.h"
#include "core/component/durable_file.h"

#include <fmt/format.h>

#include <array>

namespace deis::store {
namespace {

constexpr std::array kVolumes{
    VolumeSpec{"builder", 0755},  // the git account and sshd walk through it
    VolumeSpec{"controller", 0700},
    VolumeSpec{"database", 0711},  // the postgres account walks through it
    VolumeSpec{"logger", 0700},
    VolumeSpec{"logspout", 0700},
    VolumeSpec{"registry", 0711},  // the docker-registry account walks through it
};

constexpr std::uintmax_t kGiB = 1024ULL * 1024 * 1024;

}  // namespace

std::span<const VolumeSpec> all_volumes() {
  return kVolumes;
}

std::string space_trouble(Space space) {
  const bool enough = space.free >= kGiB && space.free >= space.total / 20;
  if (enough) return "";
  return fmt::format(
      "only {} MiB of {} MiB are free", space.free / (kGiB / 1024), space.total / (kGiB / 1024));
}

void prepare_directory(const std::filesystem::path& path, unsigned mode) {
  try {
    if (std::filesystem::create_directories(path)) {
      std::filesystem::permissions(path, static_cast<std::filesystem::perms>(mode));
    }
  } catch (const std::filesystem::filesystem_error& error) {
    throw Error(ErrorCode::unavailable, "cannot make " + path.string() + ": " + error.code().message());
  }
  const auto probe = path / ".deis-store-probe";
  component::write_durably(probe, "this volume takes data\n");
  std::error_code ignored;
  std::filesystem::remove(probe, ignored);
}

Space space_of(const std::filesystem::path& path) {
  std::error_code failed;
  const auto space = std::filesystem::space(path, failed);
  if (failed)
    throw Error(
        ErrorCode::unavailable, "cannot ask for the space of " + path.string() + ": " + failed.message());
  return Space{.free = space.available, .total = space.capacity};
}

}  // namespace deis::store
