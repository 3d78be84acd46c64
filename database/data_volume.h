#pragma once
// The database's volume:
//   <volume>/lock          held by the one daemon that may use it
//   <volume>/marker.json   whether a database was completed here, and under which token
//   <volume>/secrets.json  generated passwords, 0600
//   <volume>/etc/          rendered configuration
//   <volume>/data/         PostgreSQL's own directory, of the postgres account
// Blocking functions; they run at the start and on the worker pool.

#include "database/start_decision.h"

#include <filesystem>
#include <optional>
#include <string>

namespace deis::database {

struct Secrets {
  std::string password;  // of the role that the platform logs in with
};

class DataVolume {
 public:
  explicit DataVolume(std::filesystem::path path);
  DataVolume(const DataVolume&) = delete;
  DataVolume& operator=(const DataVolume&) = delete;
  ~DataVolume();

  // False while another daemon (one that is just ending) holds the volume.
  bool try_lock();

  std::filesystem::path data() const { return path_ / "data"; }
  std::filesystem::path config() const { return path_ / "etc"; }

  // Throws Error{invalid} when the marker cannot be understood: never guess.
  Evidence look(std::optional<std::string> offered_token) const;
  void mark_initialising(const std::string& token) const;
  void mark_complete() const;  // keeps the token

  // Removes what an unfinished initialisation left, and makes an empty data directory of the given account.
  void make_empty_data(unsigned uid, unsigned gid) const;

  // Generated at the first call, the same ever after.
  Secrets secrets() const;

 private:
  std::filesystem::path path_;
  int lock_ = -1;
};

}  // namespace deis::database
