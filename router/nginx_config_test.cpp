#include "router/nginx_config.h"

#include "core/component/router_settings.h"
#include "core/component/tls_material.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace deis::router {
namespace {

using testing::HasSubstr;
using testing::Not;

// A certificate for *.Example.com and example.com.
const std::string kWildcard = R"(-----BEGIN CERTIFICATE-----
MIIB2DCCAX6gAwIBAgIUQK1AgFBqt+/yeGtEpwVcUxnRGUIwCgYIKoZIzj0EAwIw
HjEcMBoGA1UEAwwTaWdub3JlZC5leGFtcGxlLmNvbTAgFw0yNjExMjUxODEyMjla
GA8yMTI2MTEwMTE4MTIyOVowHjEcMBoGA1UEAwwTaWdub3JlZC5leGFtcGxlLmNv
bTBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABGyxo5nRitRbvKyVYKrZLNYuo8+J
C5etQ2E0ujTWh0RzDvr5z8emG1HPlw7Y1I0qCspQL+PRZEjJdpisyBcEzQujgZcw
gZQwHQYDVR0OBBYEFBpYtxRIpk7KnLl6hCW9UqErZvvHMB8GA1UdIwQYMBaAFBpY
txRIpk7KnLl6hCW9UqErZvvHMA8GA1UdEwEB/wQFMAMBAf8wQQYDVR0RBDowOIIN
Ki5FeGFtcGxlLmNvbYILZXhhbXBsZS5jb22CFGJhZF9uYW1lLmV4YW1wbGUuY29t
hwQKAAABMAoGCCqGSM49BAMCA0gAMEUCICJK4lo+/HrhlhAfcif67ZNCY2dC9CZ5
nTpPrbZ1PrzIAiEA9SvV3mSHpyCary8PZiwCrWNR9GLR1eNHX+Ql8omylgk=
-----END CERTIFICATE-----
)";

RenderedConfig render(const SettingValues& texts = {}, Facts facts = {}) {
  if (facts.nameless.empty()) facts.nameless = "nameless";
  return render_config(Paths(), texts, facts);
}

TEST(NginxConfig, HoldsTheSettingsAndNoPlaceholders) {
  const std::string config = render({{"router/port", "8980"}}, {.builder = "10.0.0.1:2223"}).text;
  EXPECT_THAT(config, HasSubstr("listen 8980 default_server"));
  EXPECT_THAT(config, HasSubstr("server 10.0.0.1:2223;"));
  EXPECT_THAT(config, HasSubstr("listen unix:/run/deis/router/control.sock;"));
  EXPECT_THAT(config, Not(HasSubstr("{{")));
}

TEST(NginxConfig, CarriesAFingerprintThatFollowsItsContent) {
  const RenderedConfig before = render();
  EXPECT_THAT(before.text, HasSubstr(before.fingerprint));
  EXPECT_EQ(render().text, before.text);
  EXPECT_NE(render({{"router/port", "8980"}}).fingerprint, before.fingerprint);
}

TEST(NginxConfig, NamesFilesByTheirContentAndKeepsSecretsFromWorkers) {
  const auto page = [](const char* text) { return render({{"router/errorPage404", text}}, {.tls = true}); };
  const auto config = page("<h1>Gone</h1>");
  ASSERT_EQ(config.files.size(), 3U);
  for (const auto& file : config.files) {
    EXPECT_EQ(file.mode, file.path.find("page_") != std::string::npos ? 0644U : 0600U) << file.path;
    EXPECT_THAT(config.text, HasSubstr(" " + file.path + ";"));
  }
  const auto other = page("<h1>Lost</h1>");
  EXPECT_NE(other.files.back().path, config.files.back().path);
  EXPECT_EQ(other.files.front().path, config.files.front().path);
  EXPECT_THAT(render().files, testing::IsEmpty());
}

TEST(NginxConfig, OpensTheTlsPortOnlyWhenThereIsACertificate) {
  EXPECT_THAT(render().text, Not(HasSubstr("ssl_")));
  EXPECT_FALSE(serves_tls(render().text));
  const std::string open = render({}, {.tls = true}).text;
  EXPECT_TRUE(serves_tls(open));
  EXPECT_THAT(open, HasSubstr("listen 443 ssl http2 default_server"));
  EXPECT_THAT(open, HasSubstr("ssl_protocols TLSv1.2 TLSv1.3;"));
  EXPECT_THAT(open, HasSubstr("ssl_prefer_server_ciphers off;"));
  EXPECT_THAT(render({{"router/sslCert", kWildcard}}).text, HasSubstr("listen 443 ssl http2 default_server"));
}

TEST(NginxConfig, LeavesOutPortsThatAnotherProgramHas) {
  const Facts facts{
      .tls = true, .taken_ports = {"router/sslPort", "router/healthPort", "router/builderPort"}};
  const std::string config = render({}, facts).text;
  EXPECT_THAT(config, Not(HasSubstr("listen 443")));
  EXPECT_THAT(config, Not(HasSubstr("listen 9090")));
  EXPECT_THAT(config, Not(HasSubstr("listen 2222")));
  EXPECT_TRUE(listens_on(config, "80"));
  EXPECT_FALSE(listens_on(config, "8"));
}

TEST(NginxConfig, ListensOnIpv6WhereThereIsSuchAThing) {
  EXPECT_THAT(render().text, Not(HasSubstr("[::]")));
  EXPECT_THAT(render({}, {.ipv6 = true}).text, HasSubstr("listen [::]:80 default_server"));
}

TEST(NginxConfig, EnforcesHttpsOnlyForNamesOfTheCertificate) {
  const SettingValues texts{
      {"router/hsts/enabled", "true"}, {"router/sslCert", kWildcard}, {"router/sslKey", "x"}};
  const std::string config = render(texts).text;
  EXPECT_THAT(config, HasSubstr(R"('~^[^.]+\.example\.com$' 1;)"));
  EXPECT_THAT(config, HasSubstr(R"('~^example\.com$' 1;)"));
  EXPECT_THAT(config, HasSubstr("'max-age=10886400'"));
  EXPECT_THAT(config, HasSubstr("return 301 https://$host$request_uri;"));
  SettingValues lax = texts;
  lax["router/enforceHTTPS"] = "false";
  EXPECT_THAT(render(lax).text, Not(HasSubstr("return 301")));
  EXPECT_THAT(render(lax).text, HasSubstr("add_header Strict-Transport-Security"));
  EXPECT_THAT(render().text, Not(HasSubstr("Strict-Transport-Security")));
}

TEST(NginxConfig, WritesAllHstsDirectives) {
  const SettingValues texts{
      {"router/hsts/enabled", "1"},
      {"router/hsts/maxAge", "60"},
      {"router/hsts/includeSubDomains", "1"},
      {"router/hsts/preload", "1"}};
  EXPECT_THAT(render(texts).text, HasSubstr("'max-age=60; includeSubDomains; preload'"));
}

TEST(NginxConfig, ClosesTheControllerToWhoIsNotListed) {
  const std::string listed =
      render({{"router/controller/whitelist", "10.0.0.0/8:office,[2001:db8::1]:vpn"}}).text;
  EXPECT_THAT(listed, HasSubstr("    allow 10.0.0.0/8;\n    allow 2001:db8::1;\n    deny all;"));
  EXPECT_THAT(render({{"router/enforceWhitelist", "true"}}).text, HasSubstr("    deny all;"));
  EXPECT_THAT(render().text, Not(HasSubstr("deny all")));
}

TEST(NginxConfig, PassesTheBuildersTimeoutsInMilliseconds) {
  EXPECT_THAT(render().text, HasSubstr("proxy_timeout 1200000ms;"));
  EXPECT_THAT(
      render({{"router/builder/timeout/connect", "500"}}).text, HasSubstr("proxy_connect_timeout 500ms;"));
}

TEST(NginxConfig, HasAHostForTheStoreOnlyOnRequest) {
  EXPECT_THAT(render().text, Not(HasSubstr("deis-store")));
  EXPECT_THAT(render({{"router/storeGateway", "true"}}).text, HasSubstr("return 503;"));
  const SettingValues known{{"router/storeGateway", "true"}, {"store/gateway/host", "10.0.0.9"}};
  EXPECT_THAT(render(known).text, HasSubstr("proxy_pass http://10.0.0.9:8888;"));
}

TEST(NginxConfig, TakesEveryGoodValueOfTheTable) {
  for (const auto& rule : component::router_settings()) {
    if (rule.fallback.empty()) continue;
    EXPECT_EQ(render({{std::string(rule.key), std::string(rule.fallback)}}).text, render().text) << rule.key;
  }
}

TEST(ValuesInForce, AreDefaultsWhereNothingGoodIsSet) {
  const auto values = values_in_force({{"router/bodySize", "big"}, {"router/gzip", "False"}});
  EXPECT_EQ(values.at("router/bodySize"), "1m");
  EXPECT_EQ(values.at("router/gzip"), "off");
  EXPECT_EQ(values.at("router/affinityArg"), "");
}

}  // namespace
}  // namespace deis::router
