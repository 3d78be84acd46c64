#include "core/component/setting_rule.h"

#include <gtest/gtest.h>

namespace deis::component {
namespace {

using Read = std::optional<std::string>;

TEST(SettingReader, TakesTheUsualWordsForYesAndNo) {
  for (const auto* yes : {"true", "True", "on", "1"}) EXPECT_EQ(read_switch(yes), Read("on")) << yes;
  for (const auto* no : {"false", "FALSE", "off", "0"}) EXPECT_EQ(read_switch(no), Read("off")) << no;
  for (const auto* bad : {"", "yes", "2", "on;", " on"}) EXPECT_FALSE(read_switch(bad)) << bad;
}

TEST(SettingReader, TakesSizes) {
  for (const auto* good : {"0", "1m", "100k", "2g"}) EXPECT_EQ(read_size(good), Read(good));
  for (const auto* bad : {"", "1m; include /etc/passwd", "1m\n", "-1m", "m", "99999999999g", "1M", "1.5m"})
    EXPECT_FALSE(read_size(bad)) << bad;
}

TEST(SettingReader, TakesTimesAndABareNumberAsSeconds) {
  EXPECT_EQ(read_duration("10"), Read("10s"));
  for (const auto* good : {"500ms", "10s", "20m", "2h"}) EXPECT_EQ(read_duration(good), Read(good));
  for (const auto* bad : {"", "0", "-1s", "1d", "10 s", "s", "1h30m", "9999999h", "604801", "1s;"})
    EXPECT_FALSE(read_duration(bad)) << bad;
}

TEST(SettingReader, TakesWholeNumbersBetweenBounds) {
  EXPECT_EQ((read_number_between<1, 9>("9")), Read("9"));
  for (const auto* bad : {"", "0", "10", "5x", "1.5", "0x5"})
    EXPECT_FALSE((read_number_between<1, 9>(bad))) << bad;
}

TEST(SettingReader, TakesListsOfNetworksAndDropsLabels) {
  EXPECT_EQ(read_networks_list("10.0.0.0/8:office, 192.168.1.7"), Read("10.0.0.0/8,192.168.1.7"));
  EXPECT_EQ(read_networks_list("[2001:db8::1]:vpn,2001:db8::/32"), Read("2001:db8::1,2001:db8::/32"));
  for (const auto* bad : {"", ",", "office", "10.0.0.0/33", "10.0.0.1;allow all"})
    EXPECT_FALSE(read_networks_list(bad)) << bad;
}

TEST(SettingReader, TakesLabelsAndHosts) {
  EXPECT_EQ(read_label("deis-2"), Read("deis-2"));
  for (const auto* bad : {"", "deis;", "De", "a.b", "a b", "-a"}) EXPECT_FALSE(read_label(bad)) << bad;
  EXPECT_EQ(read_host("store.example.com"), Read("store.example.com"));
  for (const auto* bad : {"", "a b", "a/b", "a;", "[::1]"}) EXPECT_FALSE(read_host(bad)) << bad;
}

TEST(SettingReader, TakesPagesThatAreTextAndNotTooLong) {
  EXPECT_EQ(read_page("<h1>Weg</h1>\n"), Read("<h1>Weg</h1>\n"));
  EXPECT_TRUE(read_page(std::string(64 * 1024, 'x')));
  EXPECT_FALSE(read_page(std::string(64 * 1024 + 1, 'x')));
  for (const auto* bad : {"", " \n", "\xff"}) EXPECT_FALSE(read_page(bad)) << bad;
}

constexpr SettingRule kRows[] = {
    {"router/bodySize", "1m", "a size", "", read_size},
    {"router/sslKey", "", "a key", "", read_page, SettingRule::Kind::secret_file},
};

TEST(SettingProblem, NamesTheKeyTheValueAndTheRule) {
  EXPECT_EQ(describe(broken_rule(kRows[0], "1x")), "router/bodySize=1x: must be a size");
}

TEST(SettingProblem, NeverShowsASecretAndIsOneShortLine) {
  EXPECT_EQ(shown_value(kRows[1], "-----BEGIN"), "(10 bytes)");
  EXPECT_EQ(shown_value(kRows[0], "a\nb\x1b[1m"), "a b [1m");
  EXPECT_LT(shown_value(kRows[0], std::string(1000, 'x')).size(), 130U);
}

TEST(SettingTable, FindsRowsByTheirKey) {
  EXPECT_EQ(find_rule(kRows, "router/sslKey"), &kRows[1]);
  EXPECT_EQ(find_rule(kRows, "sslKey"), nullptr);
}

}  // namespace
}  // namespace deis::component
