#include "controller/acme/run_directory.h"

#include "controller/acme/client.h"

#include <gtest/gtest.h>

#include <sys/stat.h>

namespace deis::controller::acme {
namespace {

TEST(RunDirectory, WritesConfigurationInWhichTextIsOnlyText) {
  const Order order{
      .directory = "https://ca.example/dir",
      .email = "a'; touch /tmp/x; '@example.com",
      .roots = "PEM",
      .account_key = "",
      .domain = "",
      .request = ""};
  const std::string text = configuration_text("/run/1", order);
  EXPECT_NE(text.find(R"(CONTACT_EMAIL='a'\''; touch /tmp/x; '\''@example.com')"), std::string::npos) << text;
  EXPECT_NE(text.find("CURL_OPTS='--cacert /run/1/roots.pem --connect-timeout"), std::string::npos) << text;
  EXPECT_NE(text.find("HOOK='/run/1/acme-hook'\n"), std::string::npos) << text;
}

TEST(RunDirectory, IsOursAloneAndGoneAfterwards) {
  const auto parent = std::filesystem::temp_directory_path() / "deis-run-directory-test";
  std::filesystem::path path;
  {
    const RunDirectory directory(parent);
    path = directory.path();
    directory.fill(
        Order{
            .directory = "", .email = "", .roots = "", .account_key = "secret", .domain = "", .request = ""},
        "/bin/true");
    struct stat found{};
    ASSERT_EQ(::stat(path.c_str(), &found), 0);
    EXPECT_EQ(found.st_mode & 0777U, 0700U);
    ASSERT_EQ(::stat((path / kAccountKeyFile).c_str(), &found), 0);
    EXPECT_EQ(found.st_mode & 0777U, 0600U);
  }
  EXPECT_FALSE(std::filesystem::exists(path));
  std::filesystem::remove_all(parent);
}

TEST(RunDirectory, OfAKilledControllerIsRemovedByTheNextOne) {
  const auto parent = std::filesystem::temp_directory_path() / "deis-run-orphans-test";
  const RunDirectory ours(parent);
  std::filesystem::create_directory(parent / "deis-acme-999999999-0123");
  std::filesystem::create_directory(parent / "somebody-else");
  RunDirectory::remove_orphans(parent);
  EXPECT_TRUE(std::filesystem::exists(ours.path()));
  EXPECT_FALSE(std::filesystem::exists(parent / "deis-acme-999999999-0123"));
  EXPECT_TRUE(std::filesystem::exists(parent / "somebody-else"));
  std::filesystem::remove_all(parent);
}

}  // namespace
}  // namespace deis::controller::acme
