#pragma once
// SSH public keys as files hold them: "ssh-ed25519 AAAA... ann@laptop". Pure.

#include <string>

namespace deis::cli {

struct PublicKey {
  std::string id;    // the comment, else the file's name up to the first dot
  std::string text;  // the line, trimmed
};

// Throws Error{invalid} when it is no public key; says so when it is a private one.
PublicKey read_public_key(const std::string& content, const std::string& file_name);
// "ssh-rsa AAAAB3Nz...nn@laptop": the first 16 and the last 10 characters.
std::string shortened(const std::string& public_key);

}  // namespace deis::cli
