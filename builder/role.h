#pragma once
// The short-lived roles of the binary, started by sshd and git. None of them trusts its arguments, and none
// starts a shell.

#include <string>
#include <vector>

namespace deis::builder {

// AuthorizedKeysCommand: prints the line for the offered key, or nothing. Arguments: key type, key in base64.
int authorized_keys_role(const std::string& type, const std::string& base64);
// Login shell of the account `git`: argv is {"-c", "<forced command>"}.
int shell_role(const std::vector<std::string>& arguments);
// git's pre-receive hook.
int pre_receive_role();
// git's post-receive hook: the push is in the repository.
int post_receive_role();

}  // namespace deis::builder
