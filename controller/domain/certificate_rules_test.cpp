#include "controller/domain/certificate_rules.h"

#include "controller/domain/certificate_fixture.h"
#include "controller/domain/validation.h"

#include <gmock/gmock.h>

namespace deis::controller {
namespace {

using test::CertificateSpec;
using test::MadeCertificate;

CertificateRequest request_of(const MadeCertificate& made) {
  CertificateRequest request;
  request.certificate = made.certificate();
  request.key = made.key();
  return request;
}

FieldMessages problems_of(const CertificateRequest& request) {
  try {
    check_certificate(request);
  } catch (const ValidationError& error) {
    return error.fields();
  }
  return {};
}

std::vector<std::string> fields_of(const CertificateRequest& request) {
  std::vector<std::string> fields;
  for (const auto& [field, messages] : problems_of(request)) fields.push_back(field);
  return fields;
}

CertificateSpec spec(const std::string& common_name, std::vector<std::string> names = {}) {
  CertificateSpec spec;
  spec.common_name = common_name;
  spec.names = std::move(names);
  return spec;
}

TEST(Certificate, HasItsOwnNameAndExpiryEvenWhenThatIsPast) {
  CertificateSpec old = spec("WWW.example.com");
  old.expires = "20160305171427Z";
  const CheckedCertificate checked = check_certificate(request_of(MadeCertificate(old)));
  EXPECT_EQ(checked.common_name, "WWW.example.com");
  EXPECT_THAT(checked.names, testing::ElementsAre("www.example.com"));
  EXPECT_EQ(format_utc(checked.expires), "2016-03-05T17:14:27UTC");
  EXPECT_FALSE(checked.extended);
}

TEST(Certificate, MayBeGivenAnotherName) {
  CertificateRequest request = request_of(MadeCertificate(spec("www.example.com")));
  request.common_name = "other.example.com";
  EXPECT_EQ(check_certificate(request).common_name, "other.example.com");
  for (const char* bad :
       {"a b.example.com", "../etc/passwd", "a/b", "a..b", "-a.example.com", "\xc3\xa4.de"}) {
    request.common_name = bad;
    EXPECT_THAT(fields_of(request), testing::ElementsAre("common_name")) << bad;
  }
}

TEST(Certificate, OfAWildcardIsRefusedInTheFormOfV1) {
  const FieldMessages refused = {{"common_name", {"Wildcard certificates are not supported"}}};
  CertificateRequest request = request_of(MadeCertificate(spec("*.example.com")));
  EXPECT_EQ(problems_of(request), refused);
  request = request_of(MadeCertificate(spec("www.example.com")));
  request.common_name = "*.example.com";
  EXPECT_EQ(problems_of(request), refused);
}

TEST(Certificate, OfAWildcardIsTakenWhenItIsAskedFor) {
  CertificateRequest request = request_of(MadeCertificate(spec("*.example.com")));
  request.wildcard = true;
  const CheckedCertificate checked = check_certificate(request);
  EXPECT_EQ(checked.common_name, "*.example.com");
  EXPECT_TRUE(checked.extended);
  request.common_name = "*.example.org";
  EXPECT_THAT(fields_of(request), testing::ElementsAre("common_name"));
}

TEST(Certificate, MayBeForSeveralOfItsNames) {
  CertificateRequest request =
      request_of(MadeCertificate(spec("a.example.com", {"a.example.com", "B.example.com", "*.example.org"})));
  request.names = {"b.example.com", "*.example.org", "x.example.org"};
  const CheckedCertificate checked = check_certificate(request);
  EXPECT_THAT(
      checked.names,
      testing::ElementsAre("*.example.org", "a.example.com", "b.example.com", "x.example.org"));
  request.names = {"c.example.com"};
  EXPECT_THAT(fields_of(request), testing::ElementsAre("names"));
  request.names = {"deep.x.example.org"};
  EXPECT_THAT(fields_of(request), testing::ElementsAre("names"));
}

TEST(Certificate, WithoutACommonNameNeedsOne) {
  CertificateRequest request = request_of(MadeCertificate(spec("", {"a.example.com"})));
  EXPECT_THAT(fields_of(request), testing::ElementsAre("common_name"));
  request.common_name = "a.example.com";
  EXPECT_TRUE(problems_of(request).empty());
  request.common_name.reset();
  request.names = {"a.example.com"};
  EXPECT_EQ(check_certificate(request).common_name, "a.example.com");
}

TEST(Certificate, BelongsToItsKey) {
  const MadeCertificate one(spec("a.example.com")), other(spec("a.example.com"));
  CertificateRequest request = request_of(one);
  request.key = other.key();
  EXPECT_EQ(problems_of(request).at("key").front(), "The key does not belong to the certificate.");
  request.key = one.encrypted_key();
  EXPECT_EQ(problems_of(request).at("key").front(), "The key is encrypted: remove its passphrase first.");
  request.key = "no key";
  EXPECT_THAT(fields_of(request), testing::ElementsAre("key"));
}

TEST(Certificate, ThatCannotBeReadIsToldTogetherWithTheKey) {
  CertificateRequest request;
  request.certificate = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
  request.key = "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n";
  EXPECT_THAT(fields_of(request), testing::ElementsAre("certificate", "key"));
}

TEST(Certificate, ComesWithItsChainInOrder) {
  CertificateSpec ca = spec("Root");
  ca.is_issuer = true;
  const MadeCertificate root(ca);
  ca.common_name = "Middle";
  const MadeCertificate middle(ca, &root), leaf(spec("a.example.com"), &middle);
  CertificateRequest request = request_of(leaf);
  request.certificate = leaf.certificate() + "\n# comment\n" + middle.certificate() + root.certificate();
  const CheckedCertificate checked = check_certificate(request);
  EXPECT_EQ(checked.common_name, "a.example.com");
  EXPECT_EQ(checked.certificate, leaf.certificate() + middle.certificate() + root.certificate());
  request.certificate = leaf.certificate() + root.certificate() + middle.certificate();
  EXPECT_THAT(
      problems_of(request).at("certificate").front(), testing::StartsWith("The chain is not in order"));
  request.certificate = leaf.certificate() + "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
  EXPECT_EQ(problems_of(request).at("certificate").front(), "Certificate 2 cannot be read.");
}

TEST(Certificate, IsStoredWithoutWhatElseWasInTheFile) {
  const MadeCertificate made(spec("a.example.com"));
  CertificateRequest request = request_of(made);
  request.certificate = made.key() + "text\n" + made.certificate() + "more text\n";
  EXPECT_EQ(check_certificate(request).certificate, made.certificate());
}

}  // namespace
}  // namespace deis::controller
