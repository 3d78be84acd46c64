// Public SSH keys: one key on one line, of the type that it says it is.
#include "controller/domain/ssh_key.h"
#include "core/base/error.h"
#include "core/base/fuzz.h"
#include "core/base/text.h"

namespace deis::controller {
namespace {

DEIS_FUZZ(ssh_key) {
  std::optional<SshKey> key;
  try {
    key = parse_ssh_key(input);
  } catch (const Error& error) {
    FUZZ_REQUIRE(error.code() == ErrorCode::invalid);
    FUZZ_REQUIRE(std::string_view(error.what()).size() < 300);
    return;
  }
  FUZZ_REQUIRE(key->type.find_first_of(" \t\r\n\"") == std::string::npos);
  FUZZ_REQUIRE(key->fingerprint.size() == 47);
  FUZZ_REQUIRE(key->blob.substr(4, key->type.size()) == key->type);
  const SshKey again = parse_ssh_key(key->type + " " + base64_encode(key->blob) + " a comment");
  FUZZ_REQUIRE(again.type == key->type && again.blob == key->blob && again.fingerprint == key->fingerprint);
}

}  // namespace
}  // namespace deis::controller
