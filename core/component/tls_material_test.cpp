#include "core/component/tls_material.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace deis::component {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

// For *.Example.com, example.com, bad_name.example.com and 10.0.0.1; common name ignored.example.com.
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
// Only a common name, Only.example.com.
const std::string kCommonName = R"(-----BEGIN CERTIFICATE-----
MIIBjDCCATOgAwIBAgIUGN1V4ZcbCk277fRe36sGMQPbLo4wCgYIKoZIzj0EAwIw
GzEZMBcGA1UEAwwQT25seS5leGFtcGxlLmNvbTAgFw0yNjExMjUxODEyMjlaGA8y
MTI2MTEwMTE4MTIyOVowGzEZMBcGA1UEAwwQT25seS5leGFtcGxlLmNvbTBZMBMG
ByqGSM49AgEGCCqGSM49AwEHA0IABAhFHX3XIiXjqymVm0FIADG1V0iG6qReUXoI
IxxuyWvlQ4azqqB7ak3t5U7mgwcWTGkuwPcP/LNWK1DzQmdvysqjUzBRMB0GA1Ud
DgQWBBS4vKSV2PatMG1mifWvsXBPblgdNzAfBgNVHSMEGDAWgBS4vKSV2PatMG1m
ifWvsXBPblgdNzAPBgNVHRMBAf8EBTADAQH/MAoGCCqGSM49BAMCA0cAMEQCIFJh
f1PnTqeJzi2TAjlqZsIssjd99pFNBIY3qH7RlvleAiBchsakhoukzRGGt6ii68xW
Xr9fuPKZF55eKM6tYfuIwg==
-----END CERTIFICATE-----
)";
// ffdhe2048 of RFC 7919.
const std::string kParameters = R"(-----BEGIN DH PARAMETERS-----
MIIBCAKCAQEA//////////+t+FRYortKmq/cViAnPTzx2LnFg84tNpWp4TZBFGQz
+8yTnc4kmz75fS/jY2MMddj2gbICrsRhetPfHtXV/WVhJDP1H18GbtCFY2VVPe0a
87VXE15/V8k1mE8McODmi3fipona8+/och3xWKE2rec1MKzKT0g6eXq8CrGCsyT7
YdEIqUuyyOP7uWrat2DX9GgdT0Kj3jlN9K5W7edjcrsZCwenyO4KbXCeAvzhzffi
7MA0BM0oNC9hkXL+nOmFg/+OTxIy7vKBg8P+OxtMb61zO7X8vC7CIAXFjvGDfRaD
ssbzSibBsu/6iGtCOGEoXJf//////////wIBAg==
-----END DH PARAMETERS-----
)";
const std::string kWeakParameters = R"(-----BEGIN DH PARAMETERS-----
MEYCQQDe4KtDCjw6RPJbl7j/iXsbM86jqmwuQBoRTqZ3AaFKVNr96Ya3NPOj6nYS
Xq6B460zHZg5YSodyWtfzNpSFnA3AgEC
-----END DH PARAMETERS-----
)";

TEST(TlsMaterial, ChainsAreOneOrMoreCertificates) {
  EXPECT_TRUE(is_certificate_chain(kWildcard));
  EXPECT_TRUE(is_certificate_chain(kWildcard + "\n" + kCommonName));
  EXPECT_TRUE(is_certificate_chain(make_nameless_pem())) << "a key beside it does no harm";
  const std::string cut = kWildcard.substr(0, 200) + "\n-----END CERTIFICATE-----\n";
  for (const std::string& bad : {std::string(), std::string("x"), kParameters, cut, kWildcard + cut})
    EXPECT_FALSE(is_certificate_chain(bad)) << bad;
}

TEST(TlsMaterial, AKeyFitsOnlyItsOwnCertificate) {
  const std::string pair = make_nameless_pem(), other = make_nameless_pem();
  EXPECT_TRUE(is_private_key(pair));
  EXPECT_TRUE(key_fits(pair, pair));
  EXPECT_FALSE(key_fits(pair, other));
  EXPECT_FALSE(key_fits(kWildcard, pair));
  EXPECT_FALSE(key_fits("", pair));
  EXPECT_FALSE(key_fits(pair, ""));
  EXPECT_FALSE(is_private_key(kWildcard));
}

TEST(TlsMaterial, DhParametersHaveAtLeast2048Bits) {
  EXPECT_TRUE(is_dh_parameters(kParameters));
  for (const std::string& bad : {std::string(), kWeakParameters, kWildcard, make_nameless_pem()})
    EXPECT_FALSE(is_dh_parameters(bad)) << bad;
}

TEST(TlsMaterial, CipherListsLeaveAtLeastOneCipher) {
  for (const auto* good : {"HIGH:!aNULL", "ECDHE-RSA-AES128-GCM-SHA256"})
    EXPECT_TRUE(is_cipher_list(good)) << good;
  for (const auto* bad : {"", "nonsense", "!ALL"}) EXPECT_FALSE(is_cipher_list(bad)) << bad;
}

TEST(TlsMaterial, NamesAreTheAlternativeOnesElseTheCommonOne) {
  EXPECT_THAT(certificate_names(kWildcard), ElementsAre("*.example.com", "example.com"));
  EXPECT_THAT(certificate_names(kCommonName), ElementsAre("only.example.com"));
  EXPECT_THAT(certificate_names(make_nameless_pem()), IsEmpty());
  EXPECT_THAT(certificate_names("x"), IsEmpty());
}

}  // namespace
}  // namespace deis::component
