#pragma once
// Accounts: who there is, how they prove it, who administers (contract api.md §3.1 - §3.7).

#include "controller/domain/context.h"
#include "controller/domain/directory.h"
#include "controller/domain/login_gate.h"
#include "controller/domain/model.h"
#include "controller/domain/page.h"
#include "controller/domain/passwords.h"

namespace deis::controller {

struct NewUser {
  UserName username;
  std::string password, email, first_name, last_name;
};

class Users {
 public:
  explicit Users(Context& context) : context_(context), directory_(context.log, context.patience) {}

  Task<std::optional<User>> find_by_token(std::string token);
  Task<User> get(std::string username);        // Error{not_found}
  Task<std::string> session_token(User user);  // 40 hex digits; a user has exactly one

  // The first account becomes administrator. Error{conflict, "username"} when the name is taken.
  Task<User> register_user(NewUser account);
  // Asks the LDAP directory first when there is one. `address`: whence he comes. Error{invalid,
  // "non_field_errors"}, TooManyAttempts, Error{unavailable} when only an unreachable directory could know
  // him.
  Task<User> log_in(std::string username, std::string password, std::string address);
  Task<bool> has_password(User user, std::string password, std::string address);  // TooManyAttempts
  Task<> set_password(User user, std::string password);
  Task<std::string> regenerate_token(User user);  // the new one
  Task<> regenerate_all_tokens();
  // With keys, token and grants. Error{conflict} when he still owns apps.
  Task<> remove(User user);

  void forget_login_attempts() { gate_.forget_all(); }

  Task<Page<User>> list(PageRequest page);
  Task<Page<User>> list_admins(PageRequest page);
  Task<> set_admin(User user, bool is_admin);

 private:
  Task<std::optional<User>> find_in_directory(std::string username, std::string password);
  Task<std::optional<User>> find_local(std::string username, std::string password);
  Task<> renew_hash(User user, std::string password);

  Context& context_;
  Passwords passwords_;
  Directory directory_;
  LoginGate gate_;
};

}  // namespace deis::controller
