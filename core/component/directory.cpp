#include "core/component/directory.h"

#include "core/base/error.h"
#include "core/json/json.h"

namespace deis::component {
namespace {

struct Announcement {
  std::string address;
};
BOOST_DESCRIBE_STRUCT(Announcement, (), (address))

std::string hosts_prefix(const std::string& component) {
  return "/deis/" + component + "/hosts/";
}

HostEntry read_host(std::string id, const std::string& value) {
  const auto announcement = json::from<Announcement>(json::parse(value));
  return HostEntry{.id = std::move(id), .address = net::Endpoint::parse(announcement.address), .raw = value};
}

}  // namespace

std::string announce_key(const std::string& component, const std::string& host_id) {
  return hosts_prefix(component) + host_id;
}

std::string announce_value(const net::Endpoint& address) {
  // http:// is what the original announced; whoever speaks something else writes its own value.
  return json::to_string(
      Announcement{.address = "http://" + address.host + ":" + std::to_string(address.port)});
}

Directory::Directory(Executor executor, etcd::Client& etcd, std::string component, Log log)
    : component_(std::move(component)),
      prefix_(hosts_prefix(component_)),
      mirror_(etcd, prefix_, log),
      log_(log),
      changed_(executor) {}

std::optional<HostEntry> Directory::any() const {
  if (hosts_.empty()) return std::nullopt;
  return hosts_.front();
}

std::vector<HostEntry> Directory::all() const {
  return hosts_;
}

Task<HostEntry> Directory::wait(Deadline deadline) {
  while (hosts_.empty()) {
    const bool news = co_await changed_.wait(deadline);
    if (!news) throw Error(ErrorCode::unavailable, component_ + " is not announced in etcd");
  }
  co_return hosts_.front();
}

Task<> Directory::changed() {
  co_await changed_.wait(Deadline::max());
}

Task<> Directory::run() {
  const etcd::Mirror::OnUpdate rebuild = [this](const etcd::MirrorUpdate& update) -> Task<> {
    if (update.changes.empty()) co_return;
    hosts_.clear();
    for (const auto& [key, entry] : mirror_.entries()) {
      try {
        hosts_.push_back(read_host(key.substr(prefix_.size()), entry.value));
      } catch (const Error& error) {
        log_.warning("an announcement cannot be read", {{"key", key}, {"why", error.what()}});
      }
    }
    changed_.notify();
  };
  co_await mirror_.run(rebuild);
}

}  // namespace deis::component
