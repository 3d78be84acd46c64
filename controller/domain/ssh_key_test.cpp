#include "controller/domain/ssh_key.h"

#include "core/base/error.h"
#include "core/base/text.h"

#include <gtest/gtest.h>

namespace deis::controller {
namespace {

struct RealKey {
  const char* text;
  const char* fingerprint;
};
// Made by ssh-keygen, fingerprints as `ssh-keygen -l -E md5` prints them.
constexpr RealKey kRealKeys[] = {
    {"ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAABAQC7R48E59RMGr591fJ94hvheqZvz8RImBAeO27lH2IVZdSXO+XL"
     "dJN8lFJvTNt4LlxIeemC6gSfkDWTsPWAgdTlwotbJhjMVbOOjEMirkPiAFbUpq09qJTzaWGfqCxgGdzZUeVWnaBl"
     "FI7Obld/u5hVY28Yw1wETehseE+22uleftYOBoAxQaHUAmlk1+wjO1r6GRJlMmpt+VI0FrGWo7XAdPvZ35gTVtcw"
     "AU1UmmkTx9ZjHOulMlO+q0s4BvqH51g60ynq203i9Am4l7MT7R8pLbBH2N3gHO6EU882xZy+OaRDslgtmOg0S5r7"
     "h8sxrHmuFFFMrfhLsB6uJ4rPOcop",
     "a2:b7:5c:9c:8d:7e:04:bc:1e:d8:64:21:4a:30:aa:c3"},
    {"ssh-dss AAAAB3NzaC1kc3MAAACBAIvYbt7YkuvuHluuJDUqACOwJsRY8MR0AQAlKgFMe1nyqaxqvnUe10xV6Poe"
     "soPOMHEfXbrvd1O46NeyWSvFAHN2uUqXCKbITdIbejaR45UdTsP+QTagyP3qUzZdDHkm6AHq/U/Xumdze42RbcZt"
     "LkkO+8LmgYA5AzqRtHETx26dAAAAFQCPkamoyFr0D+NhQmXT6SZjwIO3sQAAAIB3CxVOR9H7EvlRKdhrZ2m1xeRT"
     "48a8hvjKda6E5Hf3iEkwHOBF9G30I15UNx83RkUpo6j50oMkqX7W7CaOcjaoC/0wQ6r0i7Fr+N3zycft0GKVqrQ9"
     "i3MqEn8Sz9/gKy96DHP2JIWQNcPUoSXADuZUvP6PxQ2HQYwFJxirYijnZAAAAIAKsT1MBdbBB6EIQsABaoN2vN4+"
     "cpHZ0K6+lurWoYkfkMlzjzhYN+YtQJZaRSqDxTcdmwC+eh107qEUKIpbMaeidBsM+UJyHunySNuCUpmBN8TLSx9L"
     "iVRODPE5WO4w4+ddLg63p3/bH5BbnDNzjM4hNm1qyR39TK8StcKZFsOfiA==",
     "33:1b:54:7a:e1:3e:e7:7b:8e:46:87:3b:11:5e:d5:fa"},
    {"ecdsa-sha2-nistp256 AAAAE2VjZHNhLXNoYTItbmlzdHAyNTYAAAAIbmlzdHAyNTYAAABBBOiTPUkQHcZV62/f"
     "CeRMkGmVFen5q4xsyY/jdoJ770Nvqoulg2Zy/t27VPI3VimK4+V8vWl8+fD3pe3BeMbsJ/s=",
     "e5:22:4e:11:65:44:98:4c:dd:4d:50:b0:25:f2:53:df"},
    {"ecdsa-sha2-nistp384 AAAAE2VjZHNhLXNoYTItbmlzdHAzODQAAAAIbmlzdHAzODQAAABhBB98V93q5KqyYheU"
     "97JeZTH/beuZPuYd/zNr8q1nZ1PkcuQ/y23NvZ6Mn7Wr4MujunexfzakpxfGAWfPRSVm5l0D/MKGehotw9z+9Xvk"
     "QmEmT0crGz63WvthqUj6QBXPbw==",
     "96:62:c1:9c:2f:be:5f:b4:e2:24:cd:a2:8e:de:af:87"},
    {"ecdsa-sha2-nistp521 AAAAE2VjZHNhLXNoYTItbmlzdHA1MjEAAAAIbmlzdHA1MjEAAACFBAAcK9xPjoD6LnwI"
     "HgFQOf2iUndLZz/0OyZs/ZeNKCejI3hbqfdmfsS6dAeyscEuQzDTf7BiKBY1Jdf4x1dVekG3BgDMYnEBdCOf6a4r"
     "fvCKqE1ENfI5No9nZ4Nkqe9VIs1VEsNfutvVizPMDAyeBV1HyuRpMEHjA7LSGFvsgzzKZHIZKw==",
     "10:30:f4:44:cb:53:f6:d8:56:a3:aa:5d:a8:2c:b3:71"},
    {"ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIBR66RgNax4pX9Y3my1O/6hfTo/ey6eSD+mMMLhB7sYJ",
     "c2:b0:35:b4:de:3a:af:83:b3:06:6d:9b:1a:af:9c:b8"},
};

// A string of the SSH protocol.
std::string ssh_string(const std::string& bytes) {
  const auto size = static_cast<std::uint32_t>(bytes.size());
  std::string text;
  for (int shift = 24; shift >= 0; shift -= 8) text += static_cast<char>(size >> shift & 0xff);
  return text + bytes;
}

std::string key_text(const std::string& type, const std::string& blob) {
  return type + " " + base64_encode(blob);
}

// The inside of a real key.
std::string blob_of(const std::string& type) {
  for (const auto& key : kRealKeys) {
    const SshKey parsed = parse_ssh_key(key.text);
    if (parsed.type == type) return parsed.blob;
  }
  return "";
}

std::string rsa(std::size_t bits) {
  return ssh_string("ssh-rsa") + ssh_string("\x01\x01\x01") +
         ssh_string(std::string("\0\xff", 2) + std::string(bits / 8 - 1, 'n'));
}

std::string message_for(const std::string& text) {
  try {
    parse_ssh_key(text);
  } catch (const Error& error) {
    EXPECT_EQ(error.field(), "public");
    return error.what();
  }
  return "";
}

TEST(SshKey, HasTheFingerprintThatSshKeygenPrints) {
  // ssh-keygen -l -E md5
  const SshKey key = parse_ssh_key(
      "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f ann@example.com\n");
  EXPECT_EQ(key.type, "ssh-ed25519");
  EXPECT_EQ(key.fingerprint, "0f:a2:0a:d7:38:3e:65:45:08:6b:63:84:1c:ff:dc:ba");
}

TEST(SshKey, OfEveryTypeThatSshKeygenMakesIsTaken) {
  for (const auto& key : kRealKeys) {
    EXPECT_EQ(message_for(key.text), "") << key.text;
    EXPECT_EQ(parse_ssh_key(key.text).fingerprint, key.fingerprint);
  }
}

TEST(SshKey, IsTheSameWhateverItsComment) {
  const std::string text = kRealKeys[0].text;
  EXPECT_EQ(
      parse_ssh_key(text + " one").fingerprint, parse_ssh_key("  " + text + "\ttwo three\n").fingerprint);
}

TEST(SshKey, OfAFidoTokenIsTaken) {
  const std::string application = ssh_string("ssh:");
  const std::string ed25519 = "sk-ssh-ed25519@openssh.com", ecdsa = "sk-ecdsa-sha2-nistp256@openssh.com";
  const std::string point = blob_of("ecdsa-sha2-nistp256").substr(4 + 19);  // curve and point
  EXPECT_EQ(
      message_for(key_text(ed25519, ssh_string(ed25519) + ssh_string(std::string(32, 'p')) + application)),
      "");
  EXPECT_EQ(message_for(key_text(ecdsa, ssh_string(ecdsa) + point + application)), "");
  EXPECT_NE(message_for(key_text(ed25519, ssh_string(ed25519) + ssh_string(std::string(32, 'p')))), "");
  EXPECT_NE(message_for(key_text(ecdsa, ssh_string(ecdsa) + point)), "");
}

TEST(SshKey, WithBadBase64HasTheMessageOfTheContract) {
  EXPECT_EQ(message_for("ssh-rsa foo_bar"), "Incorrect padding");
  EXPECT_EQ(message_for("ssh-rsa"), "A public key is '<type> <base64 text> [comment]'.");
}

TEST(SshKey, MustBeWhatItSays) {
  EXPECT_NE(message_for(""), "");
  EXPECT_NE(message_for(key_text("ssh-rsa", "no key at all")), "");
  EXPECT_NE(message_for(key_text("ssh-rsa", blob_of("ssh-ed25519"))), "");
  EXPECT_NE(message_for(key_text("x509v3-sign-rsa", ssh_string("x509v3-sign-rsa") + ssh_string("k"))), "");
  EXPECT_NE(message_for(key_text("ssh-rsa", std::string("\xff\xff\xff\xff", 4) + "ssh-rsa")), "");
}

TEST(SshKey, IsCompleteWithNothingMissingAndNothingBehindIt) {
  for (const auto& real : kRealKeys) {
    const SshKey key = parse_ssh_key(real.text);
    for (std::size_t size = 0; size < key.blob.size(); size += 3)
      EXPECT_NE(message_for(key_text(key.type, key.blob.substr(0, size))), "") << key.type << ' ' << size;
    EXPECT_NE(message_for(key_text(key.type, key.blob + "x")), "") << key.type;
  }
}

TEST(SshKey, OfACurveIsAPointOfThatCurve) {
  std::string blob = blob_of("ecdsa-sha2-nistp256");
  blob.back() = static_cast<char>(blob.back() ^ 1);
  EXPECT_EQ(message_for(key_text("ecdsa-sha2-nistp256", blob)), "This is not a public SSH key.");
}

TEST(SshKey, OfRsaHasAsManyBitsAsSshdAsksFor) {
  EXPECT_EQ(message_for(key_text("ssh-rsa", rsa(1024))), "");
  EXPECT_EQ(message_for(key_text("ssh-rsa", rsa(768))), "RSA keys of less than 1024 bits are not accepted.");
  const std::string negative =
      ssh_string("ssh-rsa") + ssh_string("\x03") + ssh_string(std::string(128, '\xff'));
  EXPECT_EQ(message_for(key_text("ssh-rsa", negative)), "This is not a public SSH key.");
}

TEST(SshKey, CannotSmuggleASecondLine) {
  const std::string text = kRealKeys[0].text;
  EXPECT_NE(message_for(text + "\n" + text), "");
  EXPECT_NE(message_for("command=\"sh\" " + text), "");
}

}  // namespace
}  // namespace deis::controller
