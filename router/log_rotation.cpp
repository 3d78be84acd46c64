#include "router/log_rotation.h"

#include "router/nginx_control.h"

#include <signal.h>

namespace deis::router {

namespace fs = std::filesystem;

namespace {

fs::path numbered(const fs::path& file, int number) {
  return file.string() + "." + std::to_string(number);
}

}  // namespace

bool put_aside_if_large(const fs::path& file, std::uintmax_t max_bytes, int kept) {
  std::error_code absent;
  const auto size = fs::file_size(file, absent);
  if (absent || size < max_bytes) return false;
  for (int number = kept - 1; number >= 1; --number) {
    if (fs::exists(numbered(file, number))) fs::rename(numbered(file, number), numbered(file, number + 1));
  }
  fs::rename(file, numbered(file, 1));
  return true;
}

LogRotation::LogRotation(Paths paths, Options options, Log log)
    : paths_(std::move(paths)), options_(options), log_(log) {}

Task<> LogRotation::run() {
  bool reopen = false;  // asked again while nginx is just starting
  for (;;) {
    co_await net::sleep_for(options_.interval);
    try {
      if (put_aside_if_large(paths_.access_log, options_.max_bytes, options_.kept)) reopen = true;
    } catch (const fs::filesystem_error& error) {
      log_.error("the access log cannot be put aside", {{"error", error.what()}});
    }
    if (reopen && signal_nginx(paths_, SIGUSR1)) reopen = false;
  }
}

}  // namespace deis::router
