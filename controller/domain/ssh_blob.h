#pragma once
// The inside of a public SSH key: what RFC 4253 §6.6, RFC 5656, RFC 8709 and OpenSSH's PROTOCOL.u2f say that
// it is made of. sshd would silently never accept a key that is not. Pure.

#include <string>
#include <string_view>

namespace deis::controller {

// Whether we know keys of this type.
bool is_ssh_key_type(std::string_view type);
// The type that the blob itself names; "" when it does not begin with one.
std::string ssh_type_inside(std::string_view blob);
// "" when the blob is a complete key of its type, nothing missing and nothing behind it; else what is wrong.
std::string ssh_blob_problem(std::string_view blob);

}  // namespace deis::controller
