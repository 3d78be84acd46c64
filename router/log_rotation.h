#pragma once
// Keeps the access log bounded: a file that has grown large is put aside and nginx opens a new one. No line
// is lost: nginx writes into the file put aside until it has opened the new one. Loop thread only.

#include "core/base/log.h"
#include "core/net/task.h"
#include "router/nginx_config.h"

#include <filesystem>

namespace deis::router {

class LogRotation {
 public:
  struct Options {
    std::uintmax_t max_bytes = 64U << 20U;
    int kept = 3;  // files put aside: access.log.1 is the newest
    std::chrono::seconds interval{2};
  };
  LogRotation(Paths paths, Options options, Log log);

  Task<> run();

 private:
  Paths paths_;
  Options options_;
  Log log_;
};

// Renames `file` to `file`.1, and .1 to .2 and so on, when it has at least `max_bytes`; the oldest one goes.
// Returns whether it did. A file that is absent is left alone. Throws std::filesystem::filesystem_error.
bool put_aside_if_large(const std::filesystem::path& file, std::uintmax_t max_bytes, int kept);

}  // namespace deis::router
