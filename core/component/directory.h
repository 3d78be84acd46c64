#pragma once
// Finding other components: the live addresses under /deis/<component>/hosts/.

#include "core/etcd/mirror.h"
#include "core/net/event.h"

#include <optional>
#include <string>
#include <vector>

namespace deis::component {

// What a component announces about itself; extra members are the component's own (router: revision).
struct HostEntry {
  std::string id;
  net::Endpoint address;
  std::string raw;  // the whole JSON value
};

std::string announce_key(
    const std::string& component, const std::string& host_id);  // /deis/<component>/hosts/<id>
std::string announce_value(const net::Endpoint& address);

class Directory {
 public:
  Directory(Executor executor, etcd::Client& etcd, std::string component, Log log);
  std::optional<HostEntry> any() const;  // some live host (the first by id)
  std::vector<HostEntry> all() const;
  // Waits for one; Error{unavailable} "<component> is not announced in etcd" at the deadline.
  Task<HostEntry> wait(Deadline deadline);
  Task<> changed();  // waits until all() is perhaps another
  Task<> run();

 private:
  std::string component_, prefix_;
  etcd::Mirror mirror_;
  Log log_;
  std::vector<HostEntry> hosts_;
  net::Event changed_;
};

}  // namespace deis::component
