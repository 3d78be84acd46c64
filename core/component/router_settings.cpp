#include "core/component/router_settings.h"

#include "core/component/router_values.h"
#include "core/component/tls_material.h"

namespace deis::component {
namespace {

using Kind = SettingRule::Kind;

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

}  // namespace deis::component
