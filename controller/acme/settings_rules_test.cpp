#include "controller/acme/settings_rules.h"

#include "controller/domain/certificate_fixture.h"

#include <gtest/gtest.h>

namespace deis::controller::acme {
namespace {

TEST(AcmeSettings, TakeTheDirectoriesOfAuthoritiesOverHttps) {
  EXPECT_TRUE(is_directory("https://acme-v02.api.letsencrypt.org/directory"));
  EXPECT_TRUE(is_directory("https://localhost:14000/dir"));
  for (const char* bad :
       {"", "https://", "http://ca.example/dir", "letsencrypt", "https://ca/$(id)", "https://ca/a b"})
    EXPECT_FALSE(is_directory(bad)) << bad;
}

TEST(AcmeSettings, TakeAMailAddressOrNone) {
  EXPECT_TRUE(is_email(""));
  EXPECT_TRUE(is_email("ops+certs@example.com"));
  for (const char* bad : {"ops", "@example.com", "ops@", "a@b@c", "a\"@example.com", "a'@example.com"})
    EXPECT_FALSE(is_email(bad)) << bad;
}

TEST(AcmeSettings, TakeAuthoritiesThatAreCertificates) {
  const test::MadeCertificate one(test::CertificateSpec{.common_name = "one"}),
      two(test::CertificateSpec{.common_name = "two"});
  EXPECT_TRUE(is_roots(""));
  EXPECT_TRUE(is_roots(one.certificate() + two.certificate()));
  EXPECT_FALSE(is_roots("roots"));
  EXPECT_FALSE(
      is_roots(one.certificate() + "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"));
}

TEST(AcmeSettings, TakeAHostAndPortOrNone) {
  EXPECT_TRUE(is_host_port(""));
  EXPECT_TRUE(is_host_port("127.0.0.1:8080"));
  EXPECT_FALSE(is_host_port("somewhere:port"));
}

}  // namespace
}  // namespace deis::controller::acme
