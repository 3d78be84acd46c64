#pragma once
// Public SSH keys as users upload them (contract api.md §4.6). Pure.

#include <string>
#include <string_view>

namespace deis::controller {

struct SshKey {
  std::string type;         // "ssh-ed25519"
  std::string blob;         // decoded, the key itself: what identifies it
  std::string fingerprint;  // MD5 of the blob, lower-case hex pairs joined by ':'
};

// "<type> <base64> [comment]". Throws Error{invalid, "public"} saying what is wrong with it.
SshKey parse_ssh_key(std::string_view text);

}  // namespace deis::controller
