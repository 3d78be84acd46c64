#include "controller/domain/users.h"

#include "controller/domain/certs.h"
#include "controller/domain/validation.h"
#include "controller/storage/certs.h"
#include "controller/storage/users.h"
#include "core/base/random.h"
#include "core/base/text.h"

#include <fmt/format.h>

namespace deis::controller {
namespace {

constexpr std::size_t kTokenBytes = 20;  // 40 hex digits

Error wrong_credentials() {
  return Error(ErrorCode::invalid, "non_field_errors", "Unable to log in with provided credentials.");
}

}  // namespace

Task<std::optional<User>> Users::find_by_token(std::string token) {
  auto db = context_.database.session(query_deadline());
  co_return co_await storage::find_user_by_token(db, token);
}

Task<User> Users::get(std::string username) {
  auto db = context_.database.session(query_deadline());
  auto user = co_await storage::find_user(db, username);
  if (!user) throw not_found();
  co_return std::move(*user);
}

Task<std::string> Users::session_token(User user) {
  auto db = context_.database.session(query_deadline());
  co_return co_await storage::read_token(db, user.username.str());
}

Task<User> Users::register_user(NewUser account) {
  std::string hash = co_await passwords_.hash(std::move(account.password));
  storage::NewUser row{
      .username = account.username,
      .password_hash = std::move(hash),
      .email = account.email,
      .first_name = account.first_name,
      .last_name = account.last_name,
      .token = random_hex(kTokenBytes)};
  auto tx = co_await context_.database.begin(query_deadline());
  User user = co_await storage::create_user(tx, std::move(row));
  co_await tx.commit();
  co_return user;
}

Task<User> Users::log_in(std::string username, std::string password, std::string address) {
  // The directory compares without case: "ann" and "ANN" are one guess more, not ten.
  auto attempt = co_await gate_.enter(to_lower(username), std::move(address));
  std::exception_ptr away;
  std::optional<User> user;
  try {
    user = co_await find_in_directory(username, password);
  } catch (const Error& error) {
    if (error.code() != ErrorCode::unavailable) throw;
    away = std::current_exception();
  }
  if (!user) user = co_await find_local(username, password);
  if (user && user->is_active) {
    attempt.succeeded();
    co_return std::move(*user);
  }
  attempt.failed();
  if (away) std::rethrow_exception(away);
  throw wrong_credentials();
}

Task<std::optional<User>> Users::find_in_directory(std::string username, std::string password) {
  std::optional<User> user;
  const auto account = co_await directory_.log_in(context_.settings.ldap, username, password);
  if (!account) co_return user;
  std::optional<UserName> name;
  try {
    name = UserName::parse(account->name);
  } catch (const Error& error) {
    context_.log.warning("an LDAP user has a name that we cannot take", {{"error", error.what()}});
    co_return user;
  }
  storage::DirectoryUser row{
      .username = *name,
      .email = account->email,
      .first_name = account->first_name,
      .last_name = account->last_name,
      .groups = account->groups,
      .token = random_hex(kTokenBytes)};
  auto db = context_.database.session(query_deadline());
  user = co_await storage::save_directory_user(db, std::move(row));
  co_return user;
}

Task<std::optional<User>> Users::find_local(std::string username, std::string password) {
  auto db = context_.database.session(query_deadline());
  auto user = co_await storage::find_user(db, username);
  if (!user || user->password_hash.empty()) {
    co_await passwords_.waste_time(std::move(password));
    user.reset();
    co_return user;
  }
  const bool right = co_await passwords_.matches(user->password_hash, password);
  const bool renew = right && user->is_active && Passwords::is_outdated(user->password_hash);
  if (renew) co_await renew_hash(*user, std::move(password));
  if (!right) user.reset();
  co_return user;
}

Task<bool> Users::has_password(User user, std::string password, std::string address) {
  auto attempt = co_await gate_.enter(to_lower(user.username.str()), std::move(address));
  const bool right = co_await passwords_.matches(user.password_hash, std::move(password));
  if (right) {
    attempt.succeeded();
  } else {
    attempt.failed();
  }
  co_return right;
}

// Only while the hash is known to be right for the password can another one be made; and only while it is the
// same: somebody may be changing the password at this moment.
Task<> Users::renew_hash(User user, std::string password) {
  const std::string hash = co_await passwords_.hash(std::move(password));
  auto db = context_.database.session(query_deadline());
  co_await storage::replace_password(db, user.username.str(), user.password_hash, hash);
}

Task<> Users::set_password(User user, std::string password) {
  const std::string hash = co_await passwords_.hash(std::move(password));
  auto db = context_.database.session(query_deadline());
  co_await storage::set_password(db, user.username.str(), hash);
}

Task<std::string> Users::regenerate_token(User user) {
  const std::string token = random_hex(kTokenBytes);
  auto db = context_.database.session(query_deadline());
  co_await storage::set_token(db, user.username.str(), token);
  co_return token;
}

Task<> Users::regenerate_all_tokens() {
  auto tx = co_await context_.database.begin(query_deadline());
  const auto names = co_await storage::all_usernames(tx);
  for (const auto& name : names) co_await storage::set_token(tx, name, random_hex(kTokenBytes));
  co_await tx.commit();
}

Task<> Users::remove(User user) {
  const std::string name = user.username.str();
  auto tx = co_await context_.database.begin(query_deadline());
  const bool owner = co_await storage::owns_apps(tx, name);
  if (owner) {
    throw Error(
        ErrorCode::conflict,
        fmt::format("{} still has applications assigned. Delete or transfer them first.", name));
  }
  co_await storage::lock_certs(tx);
  auto served = co_await storage::cert_names_of(tx, name);
  co_await storage::delete_user(tx, name);
  co_await unpublish_certificates(context_.etcd, std::move(served));
  co_await tx.commit();
}

Task<Page<User>> Users::list(PageRequest page) {
  auto db = context_.database.session(query_deadline());
  co_return co_await storage::list_users(db, page);
}

Task<Page<User>> Users::list_admins(PageRequest page) {
  auto db = context_.database.session(query_deadline());
  co_return co_await storage::list_superusers(db, page);
}

Task<> Users::set_admin(User user, bool is_admin) {
  auto db = context_.database.session(query_deadline());
  co_await storage::set_superuser(db, user.username.str(), is_admin);
}

}  // namespace deis::controller
