#include "router/nginx_config.h"

#include "core/base/text.h"
#include "core/component/router_settings.h"
#include "core/component/tls_material.h"
#include "nginx_conf.embedded.h"
#include "router/template.h"

#include <fmt/format.h>

namespace deis::router {
namespace {

constexpr unsigned kSecret = 0600, kForWorkers = 0644;

bool is_on(const SettingValues& values, std::string_view key) {
  return values.find(key)->second == "on";
}

const std::string& at(const SettingValues& values, std::string_view key) {
  return values.find(key)->second;
}

std::string flag(bool on) {
  return on ? "on" : "off";
}

// One line for each.
std::string lines(const std::string& comma_separated, std::string_view before, std::string_view behind) {
  std::vector<std::string> all;
  for (const auto part : split(comma_separated, ','))
    all.push_back(fmt::format("{}{}{}", before, part, behind));
  return join(all, "\n");
}

// Only those on the list; without a list everybody, or nobody when lists are enforced.
std::string controller_access(const SettingValues& values) {
  const std::string& list = at(values, "router/controller/whitelist");
  if (!list.empty()) return lines(list, "    allow ", ";") + "\n    deny all;";
  return is_on(values, "router/enforceWhitelist") ? "    deny all;" : "";
}

// "" unless HSTS is on.
std::string hsts(const SettingValues& values) {
  if (!is_on(values, "router/hsts/enabled")) return "";
  std::string header = "max-age=" + at(values, "router/hsts/maxAge");
  if (is_on(values, "router/hsts/includeSubDomains")) header += "; includeSubDomains";
  if (is_on(values, "router/hsts/preload")) header += "; preload";
  return header;
}

bool enforces_https(const SettingValues& values) {
  const std::string& chosen = at(values, "router/enforceHTTPS");
  return chosen.empty() ? is_on(values, "router/hsts/enabled") : chosen == "on";
}

// A wildcard stands for one label.
std::string certified_hosts(const std::string& certificate) {
  std::string entries;
  for (const auto& name : component::certificate_names(certificate)) {
    const bool wildcard = name.starts_with("*.");
    std::string pattern;
    for (const char c : wildcard ? name.substr(2) : name) pattern += c == '.' ? "\\." : std::string(1, c);
    entries += fmt::format("    '~^{}{}$' 1;\n", wildcard ? "[^.]+\\." : "", pattern);
  }
  return entries;
}

class Renderer {
 public:
  Renderer(const Paths& paths, const SettingValues& texts, const Facts& facts)
      : paths_(paths), facts_(facts), settings_(values_in_force(texts)), values_(settings_) {}

  RenderedConfig render() {
    add_places();
    add_tls();
    add_clients();
    add_pages();
    values_["fingerprint"] = "";
    const std::string_view text = embedded::nginx_conf::files[0].text;
    const std::string fingerprint = sha256_hex(fill_template(text, values_)).substr(0, 16);
    values_["fingerprint"] = fingerprint;
    return {fill_template(text, values_), fingerprint, std::move(files_)};
  }

 private:
  const std::string& setting(std::string_view key) const { return at(settings_, key); }
  bool free(const char* port) const { return !facts_.taken_ports.contains(port); }

  // Path of a file with this content.
  std::string file(std::string_view name, const std::string& content, unsigned mode) {
    std::string path = fmt::format("{}/{}-{}", paths_.files(), name, sha256_hex(content).substr(0, 16));
    files_.push_back({path, content, mode});
    return path;
  }

  void add_places() {
    values_["modules"] = paths_.modules;
    values_["run"] = paths_.run;
    values_["module"] = paths_.module;
    values_["access_log"] = setting("router/accessLog") == "stdout" ? "/dev/stdout" : paths_.access_log;
    values_["builder"] = facts_.builder;
    values_["ipv6"] = flag(facts_.ipv6);
    values_["health"] = flag(free("router/healthPort"));
    values_["builder_listens"] = flag(free("router/builderPort"));
  }

  void add_tls() {
    const std::string& platform = setting("router/sslCert");
    const bool wanted = !platform.empty() || facts_.tls;
    const bool open = wanted && free("router/sslPort");
    for (const char* name : {"certificate", "certificate_key", "dhparam"}) values_[name] = "";
    values_["tls"] = flag(open);
    values_["server_ciphers_first"] = flag(setting("router/sslCiphers") != default_ciphers());
    values_["certified_hosts"] = open ? certified_hosts(platform) : "";
    if (!open) return;
    const std::string& certificate = platform.empty() ? facts_.nameless : platform;
    const std::string& key = platform.empty() ? facts_.nameless : setting("router/sslKey");
    values_["certificate"] = file("certificate.pem", certificate, kSecret);
    values_["certificate_key"] = file("key.pem", key, kSecret);
    const std::string& dhparam = setting("router/sslDhparam");
    if (!dhparam.empty()) values_["dhparam"] = file("dhparam.pem", dhparam, kSecret);
  }

  static std::string_view default_ciphers() {
    return component::find_rule(component::router_settings(), "router/sslCiphers")->fallback;
  }

  void add_clients() {
    const std::string& balancers = setting("router/proxyRealIpCidr");
    values_["real_ip_from"] = lines(balancers, "  set_real_ip_from ", ";");
    values_["trusted_peers"] = lines(balancers, "    ", " 1;");
    values_["proxy_protocol"] = is_on(settings_, "router/proxyProtocol") ? " proxy_protocol" : "";
    values_["hsts"] = hsts(settings_);
    values_["enforce_https"] = flag(enforces_https(settings_));
    values_["controller_access"] = controller_access(settings_);
  }

  // The pages that operators chose; the template has texts of its own.
  void add_pages() {
    for (const std::string status : {"404", "503"}) {
      const std::string& page = setting("router/errorPage" + status);
      values_["page_" + status] = page.empty() ? "" : file("page_" + status, page, kForWorkers);
    }
  }

  const Paths& paths_;
  const Facts& facts_;
  const SettingValues settings_;
  TemplateValues values_;
  std::vector<ConfigFile> files_;
};

}  // namespace

SettingValues values_in_force(const SettingValues& texts) {
  SettingValues values;
  for (const auto& rule : component::router_settings()) {
    const auto text = texts.find(rule.key);
    const auto chosen = text == texts.end() ? std::nullopt : rule.read(text->second);
    values[std::string(rule.key)] = chosen ? *chosen : rule.read(std::string(rule.fallback)).value_or("");
  }
  return values;
}

RenderedConfig render_config(const Paths& paths, const SettingValues& texts, const Facts& facts) {
  return Renderer(paths, texts, facts).render();
}

std::vector<std::string> optional_ports(const SettingValues& texts, const Facts& facts) {
  std::vector<std::string> ports{"router/builderPort", "router/healthPort"};
  if (facts.tls || texts.contains("router/sslCert")) ports.emplace_back("router/sslPort");
  return ports;
}

bool listens_on(const std::string& config, const std::string& port) {
  return config.find("listen " + port + ";") != std::string::npos ||
         config.find("listen " + port + " ") != std::string::npos;
}

bool serves_tls(const std::string& config) {
  return config.find(" ssl http2 default_server") != std::string::npos;
}

}  // namespace deis::router
