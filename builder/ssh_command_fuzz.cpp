// What comes in over SSH: nothing but an app, an identity or a ref update of the expected form gets through.
#include "builder/ssh_command.h"
#include "core/base/error.h"
#include "core/base/fuzz.h"
#include "core/base/text.h"

namespace deis::builder {
namespace {

template <typename Read>
void try_read(Read read) {
  try {
    read();
  } catch (const Error& error) {
    FUZZ_REQUIRE(error.code() == ErrorCode::invalid);
    FUZZ_REQUIRE(std::string_view(error.what()).size() < 300);
  }
}

void try_command(const std::string& text) {
  const GitCommand command = parse_git_command(text);
  FUZZ_REQUIRE((command.kind == GitCommand::Kind::ping) == !command.app);
  if (!command.app) {
    FUZZ_REQUIRE(text == "ping");
    return;
  }
  const bool receives = command.kind == GitCommand::Kind::receive_pack;
  const std::string again =
      std::string(receives ? "git-receive-pack '" : "git-upload-pack '") + command.app->str() + ".git'";
  const GitCommand same = parse_git_command(again);
  FUZZ_REQUIRE(same.kind == command.kind && same.app == command.app);
}

void try_updates(const std::string& text) {
  for (const RefUpdate& update : parse_ref_updates(text)) {
    FUZZ_REQUIRE(update.old_sha.size() == 40 && update.new_sha.size() == 40);
    FUZZ_REQUIRE(update.ref.starts_with("refs/"));
    FUZZ_REQUIRE(update.ref.find_first_of(" \n") == std::string::npos);
  }
}

void try_key_line(const std::string& text) {
  const Identity ann{UserName::parse("ann"), "00:11:22:33:44:55:66:77:88:99:aa:bb:cc:dd:ee:ff"};
  const auto words = split(text, ' ');
  const std::string line = authorized_key_line(ann, std::string(words.front()), std::string(words.back()));
  FUZZ_REQUIRE(line.find_first_of("\r\n") == std::string::npos);
  FUZZ_REQUIRE(split(line, ' ').size() == 5);  // command="session ann <fingerprint>",restrict <type> <key>
  FUZZ_REQUIRE(split(line, '"').size() == 3);
}

DEIS_FUZZ(ssh_command) {
  const std::string text(input);
  try_read([&] { try_command(text); });
  try_read([&] { FUZZ_REQUIRE(Identity::parse(text).command() == text); });
  try_read([&] { try_updates(text); });
  try_read([&] { try_key_line(text); });
}

}  // namespace
}  // namespace deis::builder
