#pragma once
// Keeps /deis/store/volumes/* true: each volume is prepared before its key is written, a key that is missing
// (etcd was emptied) is written again, and a key that says something else is reported, never changed: the
// data may be there.

#include "core/base/log.h"
#include "core/component/metrics.h"
#include "core/component/volume.h"
#include "core/etcd/client.h"
#include "core/net/offload.h"

#include <filesystem>
#include <initializer_list>
#include <map>
#include <optional>
#include <string>

namespace deis::store {

class VolumeKeeper {
 public:
  VolumeKeeper(
      etcd::Client& etcd,
      net::WorkerPool& workers,
      component::Metrics& metrics,
      std::filesystem::path root,
      Log log);

  // Until cancelled: looks every two seconds at the keys and every ten at the directories.
  Task<> run();

  // Reasons, "" when there are none.
  std::string unpublished() const;  // some component cannot learn where its data is
  std::string trouble() const;      // includes full disks and keys that say something else

 private:
  // What is wrong with one volume; "" each when nothing is.
  struct Status {
    std::string directory = "not checked yet", key = "not checked yet", space;
  };

  Task<> check_directories();
  Task<> check_keys();
  Task<> check_key(std::string component, std::optional<std::string> found);
  component::Volume wanted(std::string_view component) const;
  void note(std::string_view component, std::string Status::* part, std::string reason);
  std::string reasons(std::initializer_list<std::string Status::*> parts) const;

  etcd::Client& etcd_;
  net::WorkerPool& workers_;
  component::Metrics& metrics_;
  std::filesystem::path root_;
  Log log_;
  std::map<std::string, Status, std::less<>> volumes_;
};

}  // namespace deis::store
