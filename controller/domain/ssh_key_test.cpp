#include "controller/domain/ssh_key.h"

#include "core/base/error.h"
#include "core/base/text.h"

#include <gtest/gtest.h>

namespace deis::controller {
namespace {

std::string ssh_string(const std::string& text) {
  return std::string("\0\0\0", 3) + static_cast<char>(text.size()) + text;
}

std::string key_text(const std::string& type, const std::string& inner_type) {
  return type + " " + base64_encode(ssh_string(inner_type) + ssh_string("0123456789abcdef0123456789abcdef"));
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

TEST(SshKey, IsTheSameWhateverItsComment) {
  const std::string text = key_text("ssh-rsa", "ssh-rsa");
  EXPECT_EQ(
      parse_ssh_key(text + " one").fingerprint, parse_ssh_key("  " + text + "\ttwo three\n").fingerprint);
}

TEST(SshKey, OfEveryCommonTypeIsTaken) {
  for (const char* type :
       {"ssh-rsa", "ssh-dss", "ssh-ed25519", "ecdsa-sha2-nistp256", "sk-ssh-ed25519@openssh.com"}) {
    EXPECT_EQ(message_for(key_text(type, type)), "") << type;
  }
}

TEST(SshKey, WithBadBase64HasTheMessageOfTheContract) {
  EXPECT_EQ(message_for("ssh-rsa foo_bar"), "Incorrect padding");
}

TEST(SshKey, MustBeWhatItSays) {
  EXPECT_NE(message_for("ssh-rsa"), "");
  EXPECT_NE(message_for(""), "");
  EXPECT_NE(message_for("ssh-rsa " + base64_encode("no key at all")), "");
  EXPECT_NE(message_for(key_text("ssh-rsa", "ssh-dss")), "");
  EXPECT_NE(message_for(key_text("x509v3-sign-rsa", "x509v3-sign-rsa")), "");
  EXPECT_NE(message_for("ssh-rsa " + base64_encode(std::string("\xff\xff\xff\xff", 4) + "ssh-rsa")), "");
}

TEST(SshKey, CannotSmuggleASecondLine) {
  const std::string text = key_text("ssh-rsa", "ssh-rsa");
  EXPECT_NE(message_for(text + "\n" + text), "");
  EXPECT_NE(message_for("command=\"sh\" " + text), "");
}

}  // namespace
}  // namespace deis::controller
