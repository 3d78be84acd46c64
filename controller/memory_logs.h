#pragma once
// The logger of a controller that stands alone: keeps the last lines of each app in memory and answers as
// deis-logger does (GET /<app>?log_lines=N, DELETE /<app>). Loop thread only.

#include "core/base/log.h"
#include "core/net/http_server.h"

#include <deque>
#include <map>
#include <string>

namespace deis::controller {

class MemoryLogs {
 public:
  MemoryLogs(Executor executor, Log log);

  // "INFO [shop]: text", as the controller writes it to its standard output.
  void add_platform_line(std::string_view line);
  // `source` is "web.1" or "deis-controller".
  void add(const std::string& app, std::string_view source, std::string_view text);
  void clear() { lines_.clear(); }

  net::Endpoint endpoint() const { return server_.endpoint(); }
  Task<> run() { return server_.run(); }

 private:
  Task<net::Reply> answer(net::Request request);

  std::map<std::string, std::deque<std::string>> lines_;  // by app
  net::HttpServer server_;
};

}  // namespace deis::controller
