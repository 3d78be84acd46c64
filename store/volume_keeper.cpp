#include "store/volume_keeper.h"

#include "core/base/error.h"
#include "store/directory_backend.h"

namespace deis::store {
namespace {

constexpr auto kKeyInterval = std::chrono::seconds(2);
constexpr auto kDirectoryInterval = std::chrono::seconds(10);
constexpr auto kCallTime = std::chrono::seconds(5);

// What one visit of a volume's directory found.
struct Inspection {
  std::string trouble;
  Space space;
};

Inspection inspect(const std::filesystem::path& path, unsigned mode) {
  Inspection found;
  try {
    prepare_directory(path, mode);
    found.space = space_of(path);
  } catch (const std::exception& error) {
    found.trouble = error.what();
  }
  return found;
}

}  // namespace

VolumeKeeper::VolumeKeeper(
    etcd::Client& etcd,
    net::WorkerPool& workers,
    component::Metrics& metrics,
    std::filesystem::path root,
    Log log)
    : etcd_(etcd), workers_(workers), metrics_(metrics), root_(std::move(root)), log_(std::move(log)) {
  for (const auto& spec : all_volumes()) volumes_[std::string(spec.component)];
}

Task<> VolumeKeeper::run() {
  Deadline check_directories_at{};
  for (;;) {
    if (std::chrono::steady_clock::now() >= check_directories_at) {
      co_await check_directories();
      check_directories_at = in(kDirectoryInterval);
    }
    try {
      co_await check_keys();
    } catch (const Error& error) {
      if (error.code() == ErrorCode::canceled) throw;
      log_.warning("the volumes' keys cannot be checked", {{"why", error.what()}});
    }
    co_await net::sleep_for(kKeyInterval);
  }
}

std::string VolumeKeeper::unpublished() const {
  return reasons({&Status::directory, &Status::key});
}
std::string VolumeKeeper::trouble() const {
  return reasons({&Status::directory, &Status::key, &Status::space});
}

std::string VolumeKeeper::reasons(std::initializer_list<std::string Status::*> parts) const {
  std::string text;
  for (const auto& [component, status] : volumes_) {
    for (const auto part : parts) {
      if ((status.*part).empty()) continue;
      if (!text.empty()) text += "; ";
      text += component + ": " + status.*part;
    }
  }
  return text;
}

component::Volume VolumeKeeper::wanted(std::string_view component) const {
  return component::Volume{.driver = "directory", .path = (root_ / component).string()};
}

Task<> VolumeKeeper::check_directories() {
  for (const auto& spec : all_volumes()) {
    Inspection found;
    const std::filesystem::path path = wanted(spec.component).path;
    const std::function<void()> look = [&] { found = inspect(path, spec.mode); };
    co_await workers_.run(look);
    note(spec.component, &Status::directory, found.trouble);
    if (!found.trouble.empty()) continue;
    note(spec.component, &Status::space, space_trouble(found.space));
    const std::string name(spec.component);
    const auto free = static_cast<double>(found.space.free), total = static_cast<double>(found.space.total);
    metrics_.set(
        "deis_store_volume_free_bytes", "Space left for a component's data.", free, {{"volume", name}});
    metrics_.set("deis_store_volume_size_bytes", "Space for a component's data.", total, {{"volume", name}});
  }
}

Task<> VolumeKeeper::check_keys() {
  const auto range = co_await etcd_.list(component::volume_key(""), in(kCallTime));
  for (const auto& spec : all_volumes()) {
    const std::string component(spec.component);
    if (!volumes_[component].directory.empty()) continue;  // nobody is sent where data cannot be written
    std::optional<std::string> found;
    for (const auto& entry : range.entries) {
      if (entry.key == component::volume_key(component)) found = entry.value;
    }
    co_await check_key(component, std::move(found));
  }
}

Task<> VolumeKeeper::check_key(std::string component, std::optional<std::string> found) {
  const std::string key = component::volume_key(component);
  const auto volume = wanted(component);
  std::string reason;
  if (!found) {
    co_await etcd_.create(key, component::volume_value(volume), in(kCallTime));
    log_.info("volume published", {{"volume", component}, {"path", volume.path}});
  } else {
    try {
      if (component::read_volume(key, *found) != volume)
        reason = key + " names another place; it is left alone";
    } catch (const Error& error) {
      reason = error.what();
    }
  }
  note(component, &Status::key, reason);
}

void VolumeKeeper::note(std::string_view component, std::string Status::* part, std::string reason) {
  std::string& place = volumes_.find(component)->second.*part;
  if (place == reason) return;
  place = std::move(reason);
  if (!place.empty()) log_.error("a volume is in trouble", {{"volume", component}, {"why", place}});
}

}  // namespace deis::store
