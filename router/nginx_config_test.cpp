#include "router/nginx_config.h"

#include <gtest/gtest.h>

namespace deis::router {
namespace {

TEST(NginxConfig, HoldsTheSettingsAndNoPlaceholders) {
  StaticSettings settings;
  settings.http_port = 8980;
  settings.builder = "10.0.0.1:2223";
  const std::string config = render_config(Paths(), settings).text;
  EXPECT_NE(config.find("listen 8980 default_server"), std::string::npos);
  EXPECT_NE(config.find("server 10.0.0.1:2223;"), std::string::npos);
  EXPECT_NE(config.find("listen unix:/run/deis/router/control.sock;"), std::string::npos);
  EXPECT_EQ(config.find("{{"), std::string::npos);
}

TEST(NginxConfig, CarriesAFingerprintThatFollowsItsContent) {
  StaticSettings settings;
  const RenderedConfig before = render_config(Paths(), settings);
  EXPECT_NE(before.text.find(before.fingerprint), std::string::npos);
  EXPECT_EQ(render_config(Paths(), settings).text, before.text);
  settings.http_port = 8980;
  EXPECT_NE(render_config(Paths(), settings).fingerprint, before.fingerprint);
}

TEST(NginxConfig, RefusesSettingsThatCouldBreakOutOfTheirPlace) {
  for (const char* bad : {"", "1m; include /etc/passwd", "1m\n", "-1m", "m", "99999999999g"})
    EXPECT_FALSE(is_size(bad)) << bad;
  for (const char* good : {"0", "1m", "100k", "2g"}) EXPECT_TRUE(is_size(good)) << good;
  for (const char* bad : {"", "deis;", "De", "a.b", "a b"}) EXPECT_FALSE(is_subdomain(bad)) << bad;
  EXPECT_TRUE(is_subdomain("deis"));
  for (const char* bad : {"", "0", "65", "auto;"}) EXPECT_FALSE(is_worker_processes(bad)) << bad;
  EXPECT_TRUE(is_log_level("warn"));
  EXPECT_FALSE(is_log_level("warn; daemon on"));
}

}  // namespace
}  // namespace deis::router
