#include "core/component/router_settings.h"

#include "core/base/text.h"
#include "core/component/tls_material.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace deis::component {
namespace {

using Kind = SettingRule::Kind;
using Read = std::optional<std::string>;

constexpr std::string_view kSwitchRule = "true or false";
constexpr std::string_view kSizeRule = "0, or a number with k, m or g behind it";
constexpr std::string_view kDurationRule = "a time such as 500ms, 10s, 20m or 2h; a bare number is seconds";
constexpr std::string_view kPortRule = "a port, 1 to 65535";
constexpr std::string_view kListRule =
    "addresses or ranges with commas between them, each perhaps with a label: "
    "10.0.0.0/8:office,[2001:db8::1]:vpn";

// Mozilla's intermediate list, for clients of the last ten years; TLS 1.3 has its own, which is always good.
constexpr std::string_view kModernCiphers =
    "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256:ECDHE-ECDSA-AES256-GCM-SHA384:"
    "ECDHE-RSA-AES256-GCM-SHA384:ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-RSA-CHACHA20-POLY1305";

Read one_of(const std::string& value, std::initializer_list<std::string_view> words) {
  return std::ranges::find(words, value) == words.end() ? std::nullopt : Read(value);
}

Read if_good(const std::string& value, bool good) {
  return good ? Read(value) : std::nullopt;
}

bool only_of(std::string_view text, std::string_view punctuation) {
  return std::ranges::all_of(text, [&](char c) {
    const bool alphanumeric = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    return alphanumeric || punctuation.find(c) != std::string_view::npos;
  });
}

// Words with blanks or commas between them, as nginx wants them.
std::vector<std::string> words_of(const std::string& value) {
  std::string blanks = value;
  std::ranges::replace(blanks, ',', ' ');
  std::vector<std::string> words;
  for (const auto word : split(blanks, ' ')) {
    if (!word.empty()) words.emplace_back(word);
  }
  return words;
}

Read read_worker_processes(const std::string& value) {
  return value == "auto" ? Read(value) : read_number(value, 1, 64);
}

Read read_off(const std::string& value) {
  return read_switch(value) == "off" ? Read("off") : std::nullopt;
}

Read read_log_level(const std::string& value) {
  return one_of(value, {"debug", "info", "notice", "warn", "error", "crit", "alert", "emerg"});
}

Read read_access_log(const std::string& value) {
  return one_of(value, {"file", "stdout"});
}

Read read_hash_bucket(const std::string& value) {
  return one_of(value, {"32", "64", "128", "256", "512"});
}

Read read_http_version(const std::string& value) {
  return one_of(value, {"1.0", "1.1"});
}

// Quotes around it belong to nginx's notation; the value goes between some.
Read read_user_agents(const std::string& value) {
  const bool quoted = value.size() >= 2 && value.front() == '"' && value.back() == '"';
  const std::string agents = quoted ? value.substr(1, value.size() - 2) : value;
  return if_good(agents, !agents.empty() && agents.size() <= 200 && only_of(agents, " ._-/()[]|?*+^,"));
}

Read read_gzip_proxied(const std::string& value) {
  const auto words = words_of(value);
  static constexpr std::array kWords{
      "off", "expired", "no-cache", "no-store", "private", "no_last_modified", "no_etag", "auth", "any"};
  const bool good = !words.empty() && std::ranges::all_of(words, [](const std::string& word) {
    return std::ranges::find(kWords, word) != kWords.end();
  });
  return if_good(join(words, " "), good);
}

Read read_media_types(const std::string& value) {
  const auto words = words_of(value);
  const bool good = !words.empty() && words.size() <= 64 && std::ranges::all_of(words, [](const auto& word) {
    return word.size() <= 100 && only_of(word, "/.+-") && std::ranges::count(word, '/') == 1 &&
           word.front() != '/' && word.back() != '/';
  });
  return if_good(join(words, " "), good || value == "*");
}

Read read_protocols(const std::string& value) {
  const auto words = words_of(value);
  const bool good = !words.empty() && std::ranges::all_of(words, [](const std::string& word) {
    return one_of(word, {"TLSv1", "TLSv1.1", "TLSv1.2", "TLSv1.3"}).has_value();
  });
  return if_good(join(words, " "), good);
}

Read read_ciphers(const std::string& value) {
  return if_good(value, value.size() <= 2000 && only_of(value, ":+-!@=_.,") && is_cipher_list(value));
}

Read read_session_cache(const std::string& value) {
  if (value == "off" || value == "none") return value;
  const auto parts = split(value, ':');
  if (parts.size() != 3 || parts[0] != "shared" || parts[1].empty() || !only_of(parts[1], "_-")) return {};
  const std::string size(parts[2]);
  return if_good(
      value, parts[1].size() <= 32 && read_size(size) && size.front() >= '1' && size.back() == 'm');
}

Read read_buffer_size(const std::string& value) {
  if (!value.ends_with('k')) return {};
  return read_number(value.substr(0, value.size() - 1), 1, 16) ? Read(value) : std::nullopt;
}

Read read_chain(const std::string& value) {
  return if_good(value, is_certificate_chain(value));
}

Read read_key(const std::string& value) {
  return if_good(value, is_private_key(value));
}

Read read_dh(const std::string& value) {
  return if_good(value, is_dh_parameters(value));
}

Read read_argument(const std::string& value) {
  return if_good(value, !value.empty() && value.size() <= 64 && only_of(value, "_-."));
}

Read read_milliseconds(const std::string& value) {
  const auto number = read_number(value, 1, 7L * 24 * 3600 * 1000);
  return number ? Read(*number + "ms") : std::nullopt;
}

constexpr SettingRule kTable[] = {
    {"router/port", "80", kPortRule, "HTTP.", read_number_between<1, 65535>},
    {"router/sslPort",
     "443",
     kPortRule,
     "HTTPS with HTTP/2. Opened when `sslCert` is set or some domain has a certificate.",
     read_number_between<1, 65535>},
    {"router/builderPort",
     "2222",
     kPortRule,
     "`git push`: leads to the builder.",
     read_number_between<1, 65535>},
    {"router/healthPort",
     "9090",
     kPortRule,
     "`/health-check` for load balancers, never with PROXY protocol; everything else there is 404.",
     read_number_between<1, 65535>},
    {"router/workerProcesses",
     "auto",
     "auto, or a number from 1 to 64",
     "Worker processes; auto: one per processor.",
     read_worker_processes},
    {"router/maxWorkerConnections",
     "4096",
     "a number from 64 to 65535",
     "Connections per worker. The original had 768, which a few hundred WebSockets use up.",
     read_number_between<64, 65535>},
    {"router/serverTokens",
     "false",
     kSwitchRule,
     "Whether answers tell nginx's version. The original's was on: nobody but attackers needs it.",
     read_switch},
    {"router/defaultTimeout",
     "1300",
     "a number of seconds, 1 to 86400",
     "Keep-alive, and sending to and reading from apps and the store. Longer than the 1200 s of a load "
     "balancer in "
     "front.",
     read_number_between<1, 86400>},
    {"router/serverNameHashMaxSize",
     "512",
     "a number from 64 to 65536",
     "Of nginx's table of server names. Apps and domains are not in it.",
     read_number_between<64, 65536>},
    {"router/serverNameHashBucketSize",
     "128",
     "32, 64, 128, 256 or 512",
     "The original's 64 is too small for the longest subdomain.",
     read_hash_bucket},
    {"router/bodySize",
     "1m",
     kSizeRule,
     "Largest body of a request; 0 is unlimited. The store has no limit.",
     read_size},
    {"router/affinityArg",
     "",
     "1 to 64 letters, digits, _, - and .",
     "Query parameter by which requests stay with one container.",
     read_argument},

    {"router/gzip",
     "true",
     kSwitchRule,
     "Compression. The other gzip keys count only when it is on.",
     read_switch},
    {"router/gzipCompLevel", "5", "a number from 1 to 9", "Level.", read_number_between<1, 9>},
    {"router/gzipDisable",
     "msie6",
     "a regular expression of letters, digits, blanks and ._-/()[]|?*+^,",
     "User agents that get nothing compressed.",
     read_user_agents},
    {"router/gzipHttpVersion", "1.1", "1.0 or 1.1", "Least version of a request.", read_http_version},
    {"router/gzipMinLength",
     "256",
     "a number of bytes, 0 to 1000000000",
     "Shorter answers stay as they are.",
     read_number_between<0, 1000000000>},
    {"router/gzipProxied",
     "any",
     "words of off, expired, no-cache, no-store, private, no_last_modified, no_etag, auth, any",
     "Whether requests that came through a proxy get compressed answers.",
     read_gzip_proxied},
    {"router/gzipVary", "true", kSwitchRule, "`Vary: Accept-Encoding`.", read_switch},
    {"router/gzipTypes",
     "application/atom+xml application/javascript application/json application/rss+xml "
     "application/vnd.ms-fontobject "
     "application/x-font-ttf application/x-web-app-manifest+json application/xhtml+xml application/xml "
     "font/opentype "
     "image/svg+xml image/x-icon text/css text/plain text/x-component",
     "media types with blanks or commas between them, at most 64",
     "What is compressed, besides text/html.",
     read_media_types},

    {"router/proxyProtocol",
     "false",
     kSwitchRule,
     "Whether HTTP and HTTPS connections begin with a PROXY protocol header.",
     read_switch},
    {"router/proxyRealIpCidr",
     "10.0.0.0/8",
     kListRule,
     "Load balancers in front. Only they are believed: the client's address from the PROXY header, else from "
     "`X-Forwarded-For`; the scheme from the last element of `X-Forwarded-Proto`.",
     read_networks_list},

    {"router/errorLogLevel",
     "error",
     "debug, info, notice, warn, error, crit, alert or emerg",
     "Of nginx's error log, which is the component's.",
     read_log_level},
    {"router/accessLog",
     "file",
     "file or stdout",
     "stdout: through Docker to the logger and `deisctl journal router`, at half the requests per second.",
     read_access_log},
    {"router/appRequestLog",
     "false",
     kSwitchRule,
     "Every request of an app becomes a line of the app's own log too, as `deis-router`. Costs what every "
     "line of a log costs.",
     read_switch},
    {"router/enableNginxStatus",
     "false",
     kSwitchRule,
     "`/router-nginx-status` on hosts that are no app: connections and requests.",
     read_switch},
    {"router/trafficStatusZoneSize",
     "1m",
     kSizeRule,
     "Accepted, without effect: traffic is counted in the module's own memory and shown at `/metrics`.",
     read_size},
    {"router/errorPage404",
     "",
     "HTML text of at most 64 KiB",
     "Page for a host that is no app's.",
     read_page,
     Kind::file},
    {"router/errorPage503",
     "",
     "HTML text of at most 64 KiB",
     "Page for an app without running containers.",
     read_page,
     Kind::file},

    {"router/sslCert",
     "",
     "a chain of PEM certificates that sslKey belongs to",
     "Certificate of the platform, its own first, then intermediates. Should be a wildcard for the "
     "platform's domain. "
     "Set it together with `sslKey`.",
     read_chain,
     Kind::file},
    {"router/sslKey",
     "",
     "a PEM private key without pass phrase",
     "Key of `sslCert`.",
     read_key,
     Kind::secret_file},
    {"router/sslProtocols",
     "TLSv1.2 TLSv1.3",
     "words of TLSv1, TLSv1.1, TLSv1.2, TLSv1.3",
     "The original allowed TLS 1.0 and 1.1 too, which are broken.",
     read_protocols},
    {"router/sslCiphers",
     kModernCiphers,
     "a cipher list in OpenSSL's notation that leaves at least one cipher",
     "For TLS 1.2. The server's order counts when it is set.",
     read_ciphers},
    {"router/sslDhparam",
     "",
     "PEM DH parameters of at least 2048 bits",
     "For ciphers with DHE in `sslCiphers`.",
     read_dh,
     Kind::file},
    {"router/sslSessionCache",
     "",
     "off, none, or shared:<name>:<megabytes>m",
     "Sessions are resumed by tickets; a cache is for clients that have none.",
     read_session_cache},
    {"router/sslSessionTimeout", "10m", kDurationRule, "How long a session can be resumed.", read_duration},
    {"router/sslSessionTickets",
     "true",
     kSwitchRule,
     "Whether sessions are resumed by tickets.",
     read_switch},
    {"router/sslBufferSize",
     "4k",
     "1k to 16k",
     "Of what is sent; small ones let the first byte out sooner.",
     read_buffer_size},
    {"router/hsts/enabled",
     "false",
     kSwitchRule,
     "`Strict-Transport-Security` in HTTPS answers of apps and the controller.",
     read_switch},
    {"router/hsts/maxAge",
     "10886400",
     "a number of seconds, 0 to 315360000",
     "18 weeks.",
     read_number_between<0, 315360000>},
    {"router/hsts/includeSubDomains", "false", kSwitchRule, "Directive.", read_switch},
    {"router/hsts/preload", "false", kSwitchRule, "Directive.", read_switch},
    {"router/enforceHTTPS",
     "",
     kSwitchRule,
     "301 to HTTPS, same host and URI. Without a value it follows `hsts/enabled`. Only for hosts that have a "
     "certificate "
     "here, or when a load balancer in front says by `X-Forwarded-Proto` that it could do HTTPS.",
     read_switch},

    {"router/enforceWhitelist",
     "false",
     kSwitchRule,
     "Whether an app, or the controller, that has no list is closed to everybody.",
     read_switch},
    {"router/controller/whitelist",
     "",
     kListRule,
     "Who may reach the controller; everybody else is 403.",
     read_networks_list},
    {"router/controller/timeout/connect",
     "10s",
     kDurationRule,
     "To the controller. (The original's pages said 10m.)",
     read_duration},
    {"router/controller/timeout/send", "20m", kDurationRule, "To the controller.", read_duration},
    {"router/controller/timeout/read",
     "20m",
     kDurationRule,
     "From the controller: a roll-out takes its time.",
     read_duration},
    {"router/builder/timeout/connect",
     "10000",
     "a number of milliseconds, 1 to 604800000",
     "To the builder. (The original took its milliseconds for seconds.)",
     read_milliseconds},
    {"router/builder/timeout/tcp",
     "1200000",
     "a number of milliseconds, 1 to 604800000",
     "A push that is silent for longer is cut.",
     read_milliseconds},
    {"router/storeGateway",
     "false",
     kSwitchRule,
     "Whether `deis-store.<domain>` leads to the store's gateway. The original always opened it to the "
     "public.",
     read_switch},
    {"router/firewall/enabled",
     "false",
     "false: NAXSI is not in Debian, and a filter that nobody maintains protects nobody",
     "Use lists (`DEIS_WHITELIST`, `deis allowlist`, `controller/whitelist`), or a firewall in front.",
     read_off},
    {"router/firewall/errorCode",
     "400",
     "a status from 400 to 599",
     "Accepted, without effect.",
     read_number_between<400, 599>},

    {"controller/subdomain",
     "deis",
     "1 to 63 of a-z, 0-9 and -",
     "First label of the controller's host.",
     read_label},
    {"store/gateway/host", "", "an address or a host name", "Where the store's gateway is.", read_host},
    {"store/gateway/port", "8888", kPortRule, "Where the store's gateway is.", read_number_between<1, 65535>},
};

std::string code_or_dash(std::string_view text) {
  return text.empty() ? "not set" : fmt::format("`{}`", text);
}

}  // namespace

SettingTable router_settings() {
  return kTable;
}

std::vector<std::string> unit_of(std::string_view key) {
  if (key == "router/sslCert" || key == "router/sslKey") return {"router/sslCert", "router/sslKey"};
  return {std::string(key)};
}

std::vector<SettingProblem> joint_problems(const SettingValues& texts) {
  const auto certificate = texts.find("router/sslCert");
  if (certificate == texts.end()) return {};  // a key alone waits for its certificate
  const auto key = texts.find("router/sslKey");
  const auto& rule = *find_rule(router_settings(), "router/sslCert");
  if (key != texts.end() && key_fits(certificate->second, key->second)) return {};
  SettingProblem problem{"router/sslCert", shown_value(rule, certificate->second), ""};
  problem.reason = key == texts.end()
                       ? "must be set together with router/sslKey, in one command"
                       : "must be the certificate of router/sslKey: the two do not belong together";
  return {problem};
}

std::string router_settings_page() {
  std::string page =
      "# Settings of the router\n\n"
      "Printed from the table that the router and `deisctl` go by (`core/component/router_settings.cpp`); "
      "`script/reference` "
      "prints it again.\n\n"
      "`deisctl config router set bodySize=100m` changes a setting, `rm` brings its default back, without a "
      "restart and "
      "without a request lost. Keys below are in etcd under `/deis/`; the target of `deisctl config` is "
      "their first word. A "
      "value that breaks its rule is refused before anything is written. One that arrives anyway, or that "
      "nginx refuses, is "
      "ignored: the last good one stays, all others count, and `deisctl status router` tells it.\n\n"
      "| key | default | must be | |\n|---|---|---|---|\n";
  for (const auto& row : kTable) {
    std::string rule(row.rule);
    std::string cell;
    for (const char c : rule) cell += c == '|' ? std::string("\\|") : std::string(1, c);
    page += fmt::format("| `{}` | {} | {} | {} |\n", row.key, code_or_dash(row.fallback), cell, row.meaning);
  }
  return page;
}

}  // namespace deis::component
