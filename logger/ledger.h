#pragma once
// What of the log files counts, in one small file that is replaced as a whole: the newest line of each
// container and how long each app's file is. A batch counts from the moment its ledger is on disk. Whatever
// lies behind the noted length of a file is of a batch that was never acknowledged: it is cut off, and the
// batch comes again.

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>

namespace deis::logger {

struct Position {
  std::int64_t time_ns = 0, sequence = -1;
  bool operator<(const Position& other) const {
    return time_ns != other.time_ns ? time_ns < other.time_ns : sequence < other.sequence;
  }
};

struct Ledger {
  std::map<std::string, Position> newest;      // by container
  std::map<std::string, std::int64_t> length;  // bytes, by app; an app without an entry was never noted

  // An absent file is an empty ledger, and lines that cannot be read are left out.
  static Ledger load(const std::filesystem::path& path);
  void save(const std::filesystem::path& path);  // durable; forgets the oldest of very many containers
};

}  // namespace deis::logger
