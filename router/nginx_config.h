#pragma once
// nginx's static configuration, from settings and facts: what a reload is needed for. Pure. Routes are not
// in it.

#include "core/component/setting_rule.h"

#include <set>
#include <string>
#include <vector>

namespace deis::router {

using component::SettingValues;

struct Paths {
  std::string run = "/run/deis/router";                          // sockets, pid, configuration
  std::string module = "/usr/lib/deis/ngx_http_deis_module.so";  // ours
  std::string modules = "/usr/lib/nginx/modules";                // nginx's
  std::string access_log = "/var/lib/deis/router/access.log";

  std::string config() const { return run + "/nginx.conf"; }
  std::string control_socket() const { return run + "/control.sock"; }
  std::string request_socket() const { return run + "/requests.sock"; }
  std::string pid_file() const { return run + "/nginx.pid"; }
  std::string files() const { return run + "/files"; }  // certificates and pages that nginx reads
  // The last good settings: beside the access log, where a new container finds them.
  std::string accepted() const { return access_log.substr(0, access_log.rfind('/')) + "/settings.json"; }
};

// What the configuration follows beside the settings.
struct Facts {
  std::string builder = "127.0.0.1:2223";  // as announced
  bool tls = false;                        // some domain has a certificate, or the port is open already
  bool ipv6 = false;                       // whether the machine has IPv6
  std::set<std::string> taken_ports;       // settings ("router/sslPort") whose port another program has
  std::string nameless;                    // PEM of key and certificate for hosts that have none
  bool operator==(const Facts&) const = default;
};

// A file that the configuration names. Its name changes with its content, so that a configuration under test
// never touches what the running one reads.
struct ConfigFile {
  std::string path, content;
  unsigned mode = 0600;
};

struct RenderedConfig {
  std::string text;
  std::string fingerprint;  // of the text, and in it: what nginx answers on its control socket
  std::vector<ConfigFile> files;
};
// `texts`: the settings that are set, by key of component::router_settings(), each following its rule.
// Throws Error{internal} when the template names something that is not there: a bug.
RenderedConfig render_config(const Paths& paths, const SettingValues& texts, const Facts& facts);

// Every setting's value as nginx shall have it; defaults for those that are not in `texts`.
SettingValues values_in_force(const SettingValues& texts);

// Settings whose ports nginx would listen on besides "router/port", which it cannot do without.
std::vector<std::string> optional_ports(const SettingValues& texts, const Facts& facts);

// Whether a rendered configuration listens on the port.
bool listens_on(const std::string& config, const std::string& port);
// Whether it has the port of HTTPS open.
bool serves_tls(const std::string& config);

}  // namespace deis::router
