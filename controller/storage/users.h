#pragma once
// Users, their one token, and who may use which app.

#include "controller/domain/model.h"
#include "controller/domain/page.h"
#include "controller/storage/pg/database.h"

namespace deis::controller::storage {

struct NewUser {
  UserName username;
  std::string password_hash, email, first_name, last_name;
  std::string token;
};

// While there is no superuser, whoever comes becomes one: decided under a lock that the transaction holds, so
// that of two at once only one does. Error{conflict, "username"}.
Task<User> create_user(pg::Transaction& tx, NewUser user);
// Whom the LDAP directory knows: made without a password of ours and never as superuser, or refreshed.
struct DirectoryUser {
  UserName username;
  std::string email, first_name, last_name;  // "": what we have stays
  std::vector<std::string> groups;
  std::string token;  // when he is new
};
Task<User> save_directory_user(pg::Session& db, DirectoryUser user);
Task<std::optional<User>> find_user(pg::Session& db, std::string username);
Task<std::optional<User>> find_user_by_token(pg::Session& db, std::string token);
Task<std::string> read_token(pg::Session& db, std::string username);  // Error{not_found}
Task<Page<User>> list_users(pg::Session& db, PageRequest page);
Task<Page<User>> list_superusers(pg::Session& db, PageRequest page);
Task<> set_password(pg::Session& db, std::string username, std::string password_hash);
// Only when the hash is still `old`.
Task<> replace_password(pg::Session& db, std::string username, std::string old, std::string password_hash);
Task<> set_token(pg::Session& db, std::string username, std::string token);
Task<std::vector<std::string>> all_usernames(pg::Session& db);
Task<> set_superuser(pg::Session& db, std::string username, bool is_superuser);
Task<bool> owns_apps(pg::Session& db, std::string username);
// With token, keys and grants; what the user made on other people's apps stays, under the name as text
// (contract §3.3).
Task<> delete_user(pg::Session& db, std::string username);

// Collaborators of an app (contract §3.17).
Task<std::vector<std::string>> list_grants(pg::Session& db, std::string app);
Task<bool> has_grant(pg::Session& db, std::string app, std::string username);
Task<> add_grant(pg::Session& db, std::string app, std::string username);         // idempotent
Task<bool> remove_grant(pg::Session& db, std::string app, std::string username);  // whether there was one

}  // namespace deis::controller::storage
