#include "core/component/router_settings.h"

#include "core/component/tls_material.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <set>

namespace deis::component {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

const SettingRule& row(std::string_view key) {
  const auto* rule = find_rule(router_settings(), key);
  if (!rule) throw std::runtime_error("no such setting: " + std::string(key));
  return *rule;
}

std::string default_of(std::string_view key) {
  return std::string(row(key).fallback);
}

TEST(RouterSettings, HaveEachKeyOnceAndADefaultThatFollowsItsRule) {
  std::set<std::string_view> keys;
  for (const auto& rule : router_settings()) {
    EXPECT_TRUE(keys.insert(rule.key).second) << rule.key;
    EXPECT_FALSE(rule.rule.empty() || rule.meaning.empty()) << rule.key;
    if (!rule.fallback.empty()) {
      EXPECT_TRUE(rule.read(std::string(rule.fallback))) << rule.key;
    }
  }
}

// Components contract §3.2: what operators know, unless the page says why not.
TEST(RouterSettings, HaveTheDefaultsOfTheOriginal) {
  const std::pair<const char*, const char*> expected[] = {
      {"router/workerProcesses", "auto"},
      {"router/defaultTimeout", "1300"},
      {"router/serverNameHashMaxSize", "512"},
      {"router/bodySize", "1m"},
      {"router/gzip", "true"},
      {"router/gzipCompLevel", "5"},
      {"router/gzipDisable", "msie6"},
      {"router/gzipHttpVersion", "1.1"},
      {"router/gzipMinLength", "256"},
      {"router/gzipProxied", "any"},
      {"router/gzipVary", "true"},
      {"router/proxyProtocol", "false"},
      {"router/proxyRealIpCidr", "10.0.0.0/8"},
      {"router/errorLogLevel", "error"},
      {"router/enableNginxStatus", "false"},
      {"router/trafficStatusZoneSize", "1m"},
      {"router/affinityArg", ""},
      {"router/sslCert", ""},
      {"router/sslKey", ""},
      {"router/sslDhparam", ""},
      {"router/sslSessionCache", ""},
      {"router/sslSessionTimeout", "10m"},
      {"router/sslSessionTickets", "true"},
      {"router/sslBufferSize", "4k"},
      {"router/hsts/enabled", "false"},
      {"router/hsts/maxAge", "10886400"},
      {"router/hsts/includeSubDomains", "false"},
      {"router/hsts/preload", "false"},
      {"router/enforceHTTPS", ""},
      {"router/enforceWhitelist", "false"},
      {"router/controller/whitelist", ""},
      {"router/controller/timeout/connect", "10s"},
      {"router/controller/timeout/send", "20m"},
      {"router/controller/timeout/read", "20m"},
      {"router/builder/timeout/connect", "10000"},
      {"router/builder/timeout/tcp", "1200000"},
      {"router/firewall/enabled", "false"},
      {"router/firewall/errorCode", "400"},
      {"controller/subdomain", "deis"}};
  for (const auto& [key, value] : expected) EXPECT_EQ(default_of(key), value) << key;
  EXPECT_EQ(std::ranges::count(default_of("router/gzipTypes"), ' '), 14);
}

TEST(RouterSettings, DeviateFromTheOriginalOnlyWhereItWasWrong) {
  EXPECT_EQ(default_of("router/maxWorkerConnections"), "4096");
  EXPECT_EQ(default_of("router/serverTokens"), "false");
  EXPECT_EQ(default_of("router/sslProtocols"), "TLSv1.2 TLSv1.3");
  EXPECT_EQ(default_of("router/serverNameHashBucketSize"), "128");
  EXPECT_THAT(default_of("router/sslCiphers"), HasSubstr("ECDHE"));
}

struct Case {
  const char* key;
  std::vector<const char*> good, bad;
};

const std::vector<Case>& cases() {
  static const std::vector<Case> all = {
      {"router/port", {"80", "65535"}, {"", "0", "65536", "http"}},
      {"router/sslPort", {"443"}, {"0", "443 ssl"}},
      {"router/builderPort", {"2222"}, {"-1"}},
      {"router/healthPort", {"9090"}, {"x"}},
      {"router/workerProcesses", {"auto", "1", "64"}, {"", "0", "65", "auto;"}},
      {"router/maxWorkerConnections", {"64", "65535"}, {"63", "65536", "1e3"}},
      {"router/serverTokens", {"on", "false"}, {"build", ""}},
      {"router/defaultTimeout", {"1", "86400"}, {"0", "86401", "1300s"}},
      {"router/serverNameHashMaxSize", {"64", "1024"}, {"0", "99999999"}},
      {"router/serverNameHashBucketSize", {"32", "64", "512"}, {"63", "1024"}},
      {"router/bodySize", {"0", "1m", "100k", "2g"}, {"", "1x", "1m; include /etc/passwd", "-1m"}},
      {"router/affinityArg", {"user", "session_id"}, {"", "a b", "a;b", "$arg"}},
      {"router/gzip", {"on", "off", "true"}, {"yes", ""}},
      {"router/gzipCompLevel", {"1", "9"}, {"0", "10"}},
      {"router/gzipDisable",
       {"msie6", "\"msie6\"", "MSIE [1-6]."},
       {"", "\"", "a\"; b", "a{2}", "a\\.b", "$x"}},
      {"router/gzipHttpVersion", {"1.0", "1.1"}, {"2", "1"}},
      {"router/gzipMinLength", {"0", "256"}, {"-1", "1k"}},
      {"router/gzipProxied", {"any", "expired no-cache"}, {"", "all", "any;"}},
      {"router/gzipVary", {"on"}, {"maybe"}},
      {"router/gzipTypes", {"text/css", "text/css,text/plain", "*"}, {"", "text", "text/css;", "/", "a/b/c"}},
      {"router/proxyProtocol", {"true", "false"}, {"v2", ""}},
      {"router/proxyRealIpCidr", {"10.0.0.0/8", "10.0.0.0/8,2001:db8::/32"}, {"", "balancer", "10.0.0.0/40"}},
      {"router/errorLogLevel", {"debug", "warn", "emerg"}, {"warning", "warn; daemon on"}},
      {"router/accessLog", {"file", "stdout"}, {"off", "/etc/passwd"}},
      {"router/appRequestLog", {"true"}, {"some"}},
      {"router/enableNginxStatus", {"true"}, {"maybe"}},
      {"router/trafficStatusZoneSize", {"1m"}, {"big"}},
      {"router/errorPage404", {"<h1>404</h1>"}, {"", "\xff"}},
      {"router/errorPage503", {"<h1>503</h1>"}, {" "}},
      {"router/sslCert", {}, {"", "x", "-----BEGIN CERTIFICATE-----"}},
      {"router/sslKey", {}, {"", "x"}},
      {"router/sslProtocols", {"TLSv1.2", "TLSv1.2,TLSv1.3", "TLSv1 TLSv1.1"}, {"", "SSLv3", "TLSv1.4"}},
      {"router/sslCiphers", {"HIGH:!aNULL:!MD5"}, {"", "nonsense", "HIGH; daemon on", "HIGH' '"}},
      {"router/sslDhparam", {}, {"", "x"}},
      {"router/sslSessionCache",
       {"off", "none", "shared:SSL:10m"},
       {"", "builtin", "shared:a:0m", "shared:a b:1m", "shared:a:8k"}},
      {"router/sslSessionTimeout", {"10m", "600"}, {"0", "never"}},
      {"router/sslSessionTickets", {"off"}, {""}},
      {"router/sslBufferSize", {"1k", "16k"}, {"0k", "17k", "4", "1m"}},
      {"router/hsts/enabled", {"true"}, {"y"}},
      {"router/hsts/maxAge", {"0", "10886400"}, {"-1", "18w"}},
      {"router/hsts/includeSubDomains", {"true"}, {"y"}},
      {"router/hsts/preload", {"true"}, {"y"}},
      {"router/enforceHTTPS", {"true", "false"}, {"", "y"}},
      {"router/enforceWhitelist", {"true"}, {"y"}},
      {"router/controller/whitelist", {"10.0.0.1:me,[::1]:local", "::1"}, {"", "me"}},
      {"router/controller/timeout/connect", {"10s", "10"}, {"10m10s", "0"}},
      {"router/controller/timeout/send", {"20m"}, {"long"}},
      {"router/controller/timeout/read", {"20m"}, {"8d"}},
      {"router/builder/timeout/connect", {"10000"}, {"0", "10s"}},
      {"router/builder/timeout/tcp", {"1200000"}, {"20m"}},
      {"router/storeGateway", {"true"}, {"y"}},
      {"router/firewall/enabled", {"false"}, {"true", "on"}},
      {"router/firewall/errorCode", {"400", "599"}, {"200", "600"}},
      {"controller/subdomain", {"deis", "api-2"}, {"", "De", "a.b", "deis;"}},
      {"store/gateway/host", {"10.0.0.5", "store.example.com"}, {"", "a b", "http://x"}},
      {"store/gateway/port", {"8888"}, {"0"}},
  };
  return all;
}

TEST(RouterSettings, TakeWhatFollowsTheirRuleAndNothingElse) {
  for (const auto& [key, good, bad] : cases()) {
    for (const auto* value : good) EXPECT_TRUE(row(key).read(value)) << key << "=" << value;
    for (const auto* value : bad) EXPECT_FALSE(row(key).read(value)) << key << "=" << value;
  }
}

TEST(RouterSettings, AreAllTriedHere) {
  std::set<std::string_view> tried;
  for (const auto& one : cases()) tried.insert(one.key);
  for (const auto& rule : router_settings()) EXPECT_TRUE(tried.contains(rule.key)) << rule.key;
}

// What is put into nginx's configuration must not end its place there.
TEST(RouterSettings, NeverLetAValueBreakOutOfItsPlace) {
  for (const auto& rule : router_settings()) {
    if (rule.kind != SettingRule::Kind::text) continue;
    for (const std::string& end : std::vector<std::string>{";", "{", "}", "\n", "\"", "'", "#", "\\", "$"}) {
      std::vector<std::string> tries{end, "1" + end, "a" + end, "1m" + end};
      if (!rule.fallback.empty()) tries.push_back(std::string(rule.fallback) + end);
      for (const auto& value : tries) {
        const auto read = rule.read(value);
        EXPECT_TRUE(!read || read->find_first_of(";{}\n\"'#\\") == std::string::npos)
            << rule.key << "=" << value;
      }
    }
  }
}

TEST(RouterSettings, TurnTheBuildersMillisecondsIntoNginxsNotation) {
  EXPECT_EQ(row("router/builder/timeout/connect").read("10000"), "10000ms");
}

TEST(RouterSettings, WantACertificateAndItsKeyTogether) {
  const std::string pair = make_nameless_pem(), other = make_nameless_pem();
  EXPECT_THAT(joint_problems({}), IsEmpty());
  EXPECT_THAT(joint_problems({{"router/sslCert", pair}, {"router/sslKey", pair}}), IsEmpty());
  EXPECT_THAT(joint_problems({{"router/sslKey", pair}}), IsEmpty());
  for (const SettingValues& bad :
       {SettingValues{{"router/sslCert", pair}},
        SettingValues{{"router/sslCert", pair}, {"router/sslKey", other}}}) {
    const auto problems = joint_problems(bad);
    ASSERT_THAT(problems, SizeIs(1));
    EXPECT_THAT(describe(problems.front()), HasSubstr("router/sslKey"));
    EXPECT_EQ(describe(problems.front()).find("BEGIN"), std::string::npos);
  }
}

TEST(RouterSettings, PageNamesEveryKey) {
  const std::string page = router_settings_page();
  for (const auto& rule : router_settings())
    EXPECT_THAT(page, HasSubstr("| `" + std::string(rule.key) + "` |"));
}

TEST(RouterSettings, PageInDocsIsTheOneOfThisTable) {
  std::ifstream file(DEIS_DOCS "/router-settings.md");
  const std::string page{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  EXPECT_EQ(page, router_settings_page()) << "script/reference prints it again";
}

}  // namespace
}  // namespace deis::component
