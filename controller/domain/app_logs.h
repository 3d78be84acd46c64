#pragma once
// The log lines of apps, kept by the logger component (contract api.md §3.10).

#include "core/base/names.h"
#include "core/net/stream.h"

#include <functional>
#include <optional>
#include <string>

namespace deis::controller {

class AppLogs {
 public:
  // Where the logger answers queries now; nullopt when none is announced.
  using FindLogger = std::function<std::optional<net::Endpoint>()>;
  AppLogs(Executor executor, FindLogger find_logger);

  // The last lines, byte for byte; nullopt when nothing is stored. Error{unavailable} when the logger cannot
  // tell.
  Task<std::optional<std::string>> tail(AppId app, std::int64_t lines);
  Task<> erase(AppId app);

 private:
  Executor executor_;
  FindLogger find_logger_;
};

}  // namespace deis::controller
