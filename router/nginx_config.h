#pragma once
// nginx's static configuration: what a reload is needed for. Routes are not in it.

#include <cstdint>
#include <string>

namespace deis::router {

struct Paths {
  std::string run = "/run/deis/router";                          // sockets, pid, configuration
  std::string module = "/usr/lib/deis/ngx_http_deis_module.so";  // ours
  std::string modules = "/usr/lib/nginx/modules";                // nginx's
  std::string access_log = "/var/lib/deis/router/access.log";

  std::string config() const { return run + "/nginx.conf"; }
  std::string control_socket() const { return run + "/control.sock"; }
  std::string pid_file() const { return run + "/nginx.pid"; }
};

// Values that were checked already: the setting's name and rule stand beside each (contract components.md
// §3.2).
struct StaticSettings {
  std::int64_t http_port = 80;                 // port: 1-65535
  std::int64_t builder_port = 2222;            // builderPort: 1-65535
  std::string worker_processes = "auto";       // workerProcesses: auto or 1-64
  std::int64_t max_worker_connections = 4096;  // maxWorkerConnections: 64-65535
  std::int64_t default_timeout = 1300;         // defaultTimeout: 1-86400 s
  std::string body_size = "1m";                // bodySize: number and k, m or g; 0 is unlimited
  std::string error_log_level = "error";       // errorLogLevel: debug ... emerg
  std::string access_log = "file";             // accessLog: file or stdout
  std::string controller_subdomain = "deis";   // /deis/controller/subdomain: [a-z0-9-]+
  std::string builder = "127.0.0.1:2223";      // from etcd, as announced

  bool operator==(const StaticSettings&) const = default;
};

struct RenderedConfig {
  std::string text;
  std::string fingerprint;  // of the text, and in it: what nginx answers on its control socket
};
// Throws Error{internal} when the template names something that is not there: a bug.
RenderedConfig render_config(const Paths& paths, const StaticSettings& settings);

// Each check returns whether the text follows its rule.
bool is_worker_processes(const std::string& text);
bool is_size(const std::string& text);
bool is_log_level(const std::string& text);
bool is_access_log(const std::string& text);
bool is_subdomain(const std::string& text);

}  // namespace deis::router
