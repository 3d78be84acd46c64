// deisctl install: from a bare Docker Engine to components that announce themselves. Every step looks first
// and does only what is missing, so a second run repairs.

#include "core/base/error.h"
#include "core/base/random.h"
#include "core/base/text.h"
#include "ctl/commands.h"
#include "ctl/console.h"
#include "ctl/engine_hook.h"
#include "ctl/first_install.h"
#include "ctl/images.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <unistd.h>

namespace deis::ctl {
namespace {

constexpr const char* kAppNetwork = "deis-apps";
constexpr const char* kDomainKey = "/deis/platform/domain";
constexpr const char* kVersionKey = "/deis/platform/version";
constexpr const char* kInitTokenKey = "/deis/database/initToken";
// Written by a database that lives, and by a complete installation. An operator's settings are no trace.
constexpr std::array kPlatformKeys{
    "/deis/database/name", "/deis/database/user", "/deis/database/password", kVersionKey};
constexpr const char* kVersion = "0.1.0";

Task<> ensure_swarm(Platform& platform) {
  auto& docker = platform.docker();
  co_await docker.ping(Platform::soon());
  const bool active = co_await docker.swarm_active(Platform::soon());
  if (!active) co_await docker.swarm_init("127.0.0.1:2377", "127.0.0.1", in(std::chrono::seconds(60)));
  progress("swarm", active ? "is active" : "made, on loopback");
}

Task<> ensure_network(Platform& platform) {
  auto& docker = platform.docker();
  const auto network = co_await docker.network(kAppNetwork, Platform::soon());
  if (!network) {
    co_await docker.create_app_network(kAppNetwork, platform.options().app_subnet, Platform::soon());
  }
  progress("network", fmt::format("{} {}", kAppNetwork, network ? "exists" : "made"));
}

// Readable by root only where data is; the root itself can be passed through, because servers run as other
// users.
void ensure_directories(const std::filesystem::path& data_root, const std::vector<Component>& components) {
  namespace fs = std::filesystem;
  fs::create_directories(data_root);
  for (const auto& component : components) {
    if (!component.has_data) continue;
    const auto directory = data_root / component.name;
    if (fs::create_directory(directory)) {
      fs::permissions(directory, fs::perms::owner_all | fs::perms::group_exec | fs::perms::others_exec);
    }
  }
}

Task<Traces> traces_of_a_platform(Platform& platform) {
  Traces traces;
  traces.directories = directories_with_data(platform.options().data_root);
  for (const auto* key : kPlatformKeys) {
    const auto entry = co_await platform.etcd().get(key, Platform::soon());
    if (entry) traces.etcd_keys.push_back(entry->key);
  }
  co_return traces;
}

// Leaves the one-time permission to make a new database. A first installation that broke off after this step
// still has the token in etcd, so the next run needs none.
Task<> allow_new_database(Platform& platform) {
  const auto traces = co_await traces_of_a_platform(platform);
  if (!traces.none()) {
    progress("database", "an earlier platform's is expected: it will not be made anew");
    co_return;
  }
  co_await platform.etcd().create(kInitTokenKey, random_hex(16), Platform::soon());
  progress("database", "may initialise itself, once");
}

Task<> ensure_domain(Platform& platform, std::string domain) {
  if (!domain.empty()) co_await platform.etcd().put(kDomainKey, domain, Platform::soon());
  const auto entry = co_await platform.etcd().get(kDomainKey, Platform::soon());
  if (!entry) {
    throw Error(
        ErrorCode::invalid,
        "the platform's domain is not set: 'deisctl install platform --domain <domain>' or, before it, "
        "'deisctl config platform set domain=<domain>'");
  }
  progress("domain", entry->value);
}

// An operator's /deis/<component>/image wins over the manifest.
Task<std::string> image_for(Platform& platform, Component component, Images images) {
  if (component.name != "etcd") {
    const auto chosen =
        co_await platform.etcd().get(fmt::format("/deis/{}/image", component.name), Platform::soon());
    if (chosen) co_return chosen->value;
  }
  const auto found = images.find(component.name);
  if (found == images.end()) {
    throw Error(
        ErrorCode::not_found, fmt::format("the image manifest names no image for {}", component.name));
  }
  co_return found->second;
}

struct Started {
  Component component;
  bool changed = false;
  Leases predecessors;
  Stopwatch watch;
};

Task<Started> begin(Platform& platform, Component component, const Images& images) {
  Started started{.component = component};
  auto announced = co_await platform.announced_leases(component);
  const auto image = co_await image_for(platform, component, images);
  started.changed = co_await platform.apply(component, image, 1);
  if (started.changed) started.predecessors = std::move(announced);
  co_return started;
}

Task<> finish(Platform& platform, Started started) {
  co_await platform.wait_ready(started.component, started.predecessors);
  const auto state = started.changed ? "ready after " + started.watch.seconds() : std::string("was ready");
  progress(started.component.name, state);
}

// All are started before any is waited for: each waits by itself for those it needs. Only etcd comes before
// the rest, because it knows their settings.
Task<> bring_up(Platform& platform, std::vector<Component> components, Images images) {
  std::vector<Started> under_way;
  for (const auto& component : components) {
    auto started = co_await begin(platform, component, images);
    if (component.name == "etcd") {
      co_await finish(platform, std::move(started));
    } else {
      under_way.push_back(std::move(started));
    }
  }
  for (const auto& started : under_way) co_await finish(platform, started);
}

Images load_images(const Options& options) {
  return read_manifest(options.images.empty() ? options.data_root / "images" : options.images);
}

Task<> install_platform(Platform& platform, std::string domain, Images images) {
  auto components = expand_targets({"platform"});
  heading("Preparing this machine");
  co_await ensure_swarm(platform);
  co_await ensure_network(platform);
  co_await ensure_engine_hook(platform);
  ensure_directories(platform.options().data_root, components);

  heading("Starting the components");
  std::vector<Component> first(
      components.begin(), components.begin() + 1);  // etcd: settings come before the rest
  co_await bring_up(platform, std::move(first), images);
  co_await ensure_domain(platform, domain);
  co_await allow_new_database(platform);
  components.erase(components.begin());
  co_await bring_up(platform, std::move(components), images);
  co_await platform.etcd().put(kVersionKey, kVersion, Platform::soon());
}

}  // namespace

Task<> install(Platform& platform, InstallOptions options) {
  const auto components = expand_targets(options.targets);
  co_await platform.find_data_root();
  auto images = load_images(platform.options());
  if (components.size() == all_components().size()) {
    co_await install_platform(platform, options.domain, std::move(images));
    co_return;
  }
  heading("Installing");
  ensure_directories(platform.options().data_root, components);
  co_await ensure_swarm(platform);
  co_await bring_up(platform, components, std::move(images));
}

}  // namespace deis::ctl
