#include "builder/build_output.h"
#include "builder/push_options.h"
#include "builder/role.h"
#include "builder/ssh_command.h"
#include "core/base/error.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <cstdlib>

namespace deis::builder {
namespace {

const std::string kFingerprint = "00:11:22:33:44:55:66:77:88:99:aa:bb:cc:dd:ee:ff";

TEST(GitCommand, TakesTheFormsThatGitClientsSend) {
  for (const char* good :
       {"git-receive-pack 'shop.git'",
        "git-receive-pack '/shop.git'",
        "git receive-pack 'shop'",
        "git-receive-pack shop.git"}) {
    const GitCommand command = parse_git_command(good);
    EXPECT_EQ(command.kind, GitCommand::Kind::receive_pack) << good;
    EXPECT_EQ(command.app->str(), "shop") << good;
  }
  EXPECT_EQ(parse_git_command("git-upload-pack 'shop.git'").kind, GitCommand::Kind::upload_pack);
  EXPECT_EQ(parse_git_command("ping").kind, GitCommand::Kind::ping);
}

TEST(GitCommand, RefusesEverythingElse) {
  for (const char* bad :
       {"",
        "sh",
        "bash -c id",
        "git-receive-pack",
        "git-receive-pack ",
        "git-receive-pack ''",
        "git-receive-pack '../x.git'",
        "git-receive-pack 'a;id.git'",
        "git-receive-pack 'a$(id)'",
        "git-receive-pack 'a`id`'",
        "git-receive-pack 'a' --x",
        "git-receive-pack 'a\nb'",
        "git-receive-pack 'A.git'",
        "git-shell",
        "ping; id",
        "git-receive-packx 'a'",
        "scp -t /"}) {
    EXPECT_THROW(parse_git_command(bad), Error) << bad;
  }
}

TEST(GitCommand, NoInputMakesAnAppThatIsNotOne) {
  EXPECT_TRUE(rc::check("any path", [](const std::string& path) {
    try {
      const auto command = parse_git_command("git-receive-pack " + path);
      RC_ASSERT(
          command.app->str().find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-") == std::string::npos);
    } catch (const Error& error) {
      RC_ASSERT(error.code() == ErrorCode::invalid);
    }
  }));
}

TEST(Identity, ReadsOnlyWhatItWrote) {
  const Identity ann{UserName::parse("ann"), kFingerprint};
  EXPECT_EQ(Identity::parse(ann.command()).user.str(), "ann");
  for (const std::string& bad :
       {std::string(),
        std::string("session ann"),
        "session an;n " + kFingerprint,
        "session ann " + kFingerprint + " x",
        std::string("session ann 00:11"),
        "shell ann " + kFingerprint}) {
    EXPECT_THROW(Identity::parse(bad), Error) << bad;
  }
}

TEST(Identity, AKeyLineCannotBeBrokenOutOf) {
  const Identity ann{UserName::parse("ann"), kFingerprint};
  const std::string key = "AAAAC3NzaC1lZDI1NTE5AAAAIJ0a";
  EXPECT_EQ(
      authorized_key_line(ann, "ssh-ed25519", key),
      "command=\"session ann " + kFingerprint + "\",restrict ssh-ed25519 " + key);
  EXPECT_THROW(authorized_key_line(ann, "ssh-rsa\"", key), Error);
  EXPECT_THROW(authorized_key_line(ann, "ssh-rsa", key + "\nssh-rsa x"), Error);
}

TEST(UnavailableKeyLine, AuthorisesTheReasonAndNothingElse) {
  const std::string key = "AAAAC3NzaC1lZDI1NTE5AAAAIJ0a";
  EXPECT_EQ(unavailable_key_line("ssh-ed25519", key), "command=\"unavailable\",restrict ssh-ed25519 " + key);
  EXPECT_THROW(unavailable_key_line("ssh-rsa", key + "\nssh-rsa x"), Error);
  EXPECT_THROW(Identity::parse(kUnavailableCommand), Error);
  for (const char* wish : {"git-receive-pack 'shop.git'", "git-upload-pack 'shop.git'", "ping", "sh", ""}) {
    ::setenv("SSH_ORIGINAL_COMMAND", wish, 1);
    ::testing::internal::CaptureStdout();
    ::testing::internal::CaptureStderr();
    EXPECT_EQ(shell_role({"-c", kUnavailableCommand}), 1) << wish;
    EXPECT_EQ(::testing::internal::GetCapturedStdout(), "") << wish;
    EXPECT_EQ(
        ::testing::internal::GetCapturedStderr(),
        " !     the controller is not available; try again in a moment\n");
  }
  ::unsetenv("SSH_ORIGINAL_COMMAND");
}

TEST(RefUpdates, AreReadInOrder) {
  const std::string zero(40, '0'), one(40, '1');
  const auto updates =
      parse_ref_updates(zero + " " + one + " refs/heads/master\n" + one + " " + zero + " refs/tags/x\n");
  ASSERT_EQ(updates.size(), 2u);
  EXPECT_FALSE(updates[0].is_deletion());
  EXPECT_TRUE(updates[1].is_deletion());
  EXPECT_THROW(parse_ref_updates(one + " " + one + " master\n"), Error);
  EXPECT_THROW(parse_ref_updates("x y refs/heads/z\n"), Error);
}

TEST(PushOptions, StartAReleaseAsACanaryAndNothingElse) {
  EXPECT_FALSE(parse_push_options({}).canary);
  EXPECT_EQ(parse_push_options({"canary=10"}).canary, 10);
  for (const char* bad : {"canary", "canary=", "canary=0", "canary=100", "canary=1x", "ci.skip", ""})
    EXPECT_THROW(parse_push_options({bad}), Error) << bad;
}

TEST(BuildOutput, KnowsTheNewImagesHoweverTheTextIsCut) {
  const std::string text =
      "Step 1/4 : FROM debian\n ---> b975dc30101c\nStep 2/4 : RUN a\n ---> Using cache\n ---> aaaaaaaaaaaa\n"
      "Step 3/4 : RUN b\n ---> Running in cccccccccccc\nRemoving intermediate container cccccccccccc\n ---> "
      "bbbbbbbbbbbb\n"
      "Step 4/4 : RUN c\n ---> Running in dddddddddddd\nboom\n";
  EXPECT_TRUE(rc::check("any cut", [&] {
    BuildOutput output;
    std::size_t at = 0;
    while (at < text.size()) {
      const auto size = *rc::gen::inRange<std::size_t>(1, 30);
      output.take(text.substr(at, size));
      at += size;
    }
    RC_ASSERT(output.new_images() == std::vector<std::string>{"bbbbbbbbbbbb"});
  }));
}

}  // namespace
}  // namespace deis::builder
