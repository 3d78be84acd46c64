#include "ctl/setting_values.h"

#include "core/base/error.h"
#include "core/component/tls_material.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <unistd.h>

namespace deis::ctl {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::Pair;

class Home : public testing::Test {
 protected:
  Home() : directory_("/tmp/deisctl-test-" + std::to_string(::getpid())) {
    std::filesystem::create_directories(directory_);
  }
  ~Home() override { std::filesystem::remove_all(directory_); }
  void write(const std::string& name, const std::string& content) const {
    std::ofstream(directory_ + "/" + name) << content;
  }
  std::string directory_;
};

std::string refusal(const Pairs& pairs, const component::SettingValues& present = {}) {
  try {
    check_settings(pairs, present);
  } catch (const Error& error) {
    return error.what();
  }
  return "";
}

TEST_F(Home, ValuesThatAreFilesAreReadAsTheyAre) {
  write("page.html", "<h1>Gone</h1>\n");
  for (const std::string& name :
       {directory_ + "/page.html", std::string("~/page.html"), std::string("$HOME/page.html")}) {
    EXPECT_THAT(
        read_files({{"router/errorPage404", name}}, directory_),
        ElementsAre(Pair("router/errorPage404", "<h1>Gone</h1>\n")));
  }
}

TEST_F(Home, TheSshKeyOfThePlatformIsEncoded) {
  write("id", "key");
  EXPECT_THAT(
      read_files({{"platform/sshPrivateKey", "~/id"}}, directory_),
      ElementsAre(Pair("platform/sshPrivateKey", "a2V5")));
}

TEST_F(Home, AFileThatIsNotThereIsRefusedByName) {
  EXPECT_THROW(read_files({{"router/sslCert", "~/none.pem"}}, directory_), Error);
  write("empty.pem", "");
  EXPECT_THROW(read_files({{"router/sslKey", "~/empty.pem"}}, directory_), Error);
}

TEST(SettingValues, ThatAreTheTextItselfAreNoFiles) {
  const Pairs pairs{{"router/errorPage404", "<h1>Gone</h1>"}, {"router/bodySize", "~/x"}};
  EXPECT_EQ(read_files(pairs, "/nowhere"), pairs);
}

TEST(SettingValues, ThatBreakTheirRuleAreRefusedWithKeyValueAndRule) {
  EXPECT_EQ(
      refusal({{"router/bodySize", "big"}}),
      "router/bodySize=big: must be 0, or a number with k, m or g behind it");
  EXPECT_THAT(
      refusal({{"router/gzip", "maybe"}, {"router/port", "0"}}),
      AllOf(HasSubstr("router/gzip=maybe: must be"), HasSubstr("router/port=0: must be")));
  EXPECT_THAT(refusal({{"controller/subdomain", "a.b"}}), HasSubstr("controller/subdomain=a.b: must be"));
  EXPECT_THAT(refusal({{"router/firewall/enabled", "true"}}), HasSubstr("NAXSI"));
  EXPECT_EQ(refusal({{"router/bodySize", "5m"}, {"registry/anything", "x"}}), "");
}

TEST(SettingValues, OfACertificateAndAnotherKeyAreRefusedWithoutShowingThem) {
  const std::string pair = component::make_nameless_pem(), other = component::make_nameless_pem();
  EXPECT_EQ(refusal({{"router/sslCert", pair}, {"router/sslKey", pair}}), "");
  EXPECT_EQ(refusal({{"router/sslCert", pair}}, {{"router/sslKey", pair}}), "");
  EXPECT_THAT(
      refusal({{"router/sslKey", other}}, {{"router/sslCert", pair}, {"router/sslKey", pair}}),
      AllOf(HasSubstr("do not belong together"), Not(HasSubstr("BEGIN"))));
  EXPECT_THAT(refusal({{"router/sslCert", pair}}), HasSubstr("together with router/sslKey"));
}

TEST(SettingValues, UnderKeysThatTheRouterDoesNotKnowAreNoted) {
  EXPECT_THAT(
      unknown_settings({{"router/bodysize", "1m"}, {"router/image", "x"}, {"registry/x", "1"}}),
      ElementsAre("router/bodysize"));
  EXPECT_THAT(unknown_settings({{"router/bodySize", "1m"}}), IsEmpty());
}

}  // namespace
}  // namespace deis::ctl
