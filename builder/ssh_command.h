#pragma once
// What sshd hands us, parsed strictly and by ourselves: no shell ever sees it. Pure.

#include "core/base/names.h"

#include <optional>
#include <string>
#include <vector>

namespace deis::builder {

// The forced command of an authorized key, which we wrote ourselves: "session <user> <fingerprint>".
struct Identity {
  UserName user;
  std::string fingerprint;  // MD5, colon separated

  std::string command() const;
  static Identity parse(const std::string& command);  // throws Error{invalid}
};

// What the client asked for (SSH_ORIGINAL_COMMAND).
struct GitCommand {
  enum class Kind { ping, receive_pack, upload_pack };
  Kind kind = Kind::ping;
  std::optional<AppId> app;  // for the packs
};

// Throws Error{invalid} with a sentence for the person at the other end.
GitCommand parse_git_command(const std::string& original);

// One line of pre-receive's input: "<old> <new> <ref>".
struct RefUpdate {
  std::string old_sha, new_sha, ref;
  bool is_deletion() const { return new_sha.find_first_not_of('0') == std::string::npos; }
};
std::vector<RefUpdate> parse_ref_updates(const std::string& input);  // throws Error{invalid}

// A line for authorized_keys that ties the key to the identity.
std::string authorized_key_line(
    const Identity& identity, const std::string& key_type, const std::string& key_base64);
// The line while nobody can say whose the key is. It lets sshd start a session, so that there is somebody to
// tell the reason: kUnavailableCommand does nothing else.
std::string unavailable_key_line(const std::string& key_type, const std::string& key_base64);
inline constexpr auto kUnavailableCommand = "unavailable";
bool is_key_type(const std::string& text);  // "ssh-ed25519", "ecdsa-sha2-nistp256", "sk-..."
bool is_key_base64(const std::string& text);

}  // namespace deis::builder
