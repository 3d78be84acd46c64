#pragma once
// The log files: <volume>/<app>.log and one older generation, <app>.log.1. Blocking: used by one worker
// thread only, so nothing here is locked.

#include "core/base/time.h"
#include "logger/ledger.h"

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

namespace deis::logger {

struct Record {
  std::string container;      // id; with time and sequence it names a line once and for all
  std::int64_t time_ns = 0;   // since 1970
  std::int64_t sequence = 0;  // among lines of one container with the same time
  std::string app, process, line;
};

// "<time>UTC <app>[<process>]: <line>\n"
std::string format(const Record& record);
// A name that may be a file's: 1-128 of [a-z0-9-].
bool is_app_name(std::string_view name);

class LogStore {
 public:
  explicit LogStore(std::filesystem::path root, std::int64_t max_file_bytes = 10 * 1024 * 1024);

  // Appends what was not stored before; on disk when it returns. How many were new. When it throws, or the
  // process is killed, nothing of it counts.
  std::size_t append(const std::vector<Record>& records);
  // The last `lines` lines, oldest first; "" when there is no log.
  std::string tail(const std::string& app, std::size_t lines) const;
  void erase(const std::string& app);

 private:
  using Texts = std::map<std::string, std::string>;  // by app: what to append

  std::filesystem::path file_of(const std::string& app) const { return root_ / (app + ".log"); }
  std::filesystem::path ledger_file() const { return root_ / "positions"; }
  void take_back_unfinished();
  void make_room(const Texts& texts);
  std::int64_t append_file(const std::string& app, const std::string& text) const;

  std::filesystem::path root_;
  std::int64_t max_file_bytes_;
  Ledger ledger_;
};

}  // namespace deis::logger
