#include "controller/domain/keys.h"

#include "controller/domain/ssh_key.h"
#include "controller/domain/validation.h"
#include "controller/storage/keys.h"

namespace deis::controller {

Task<Page<Key>> Keys::list(UserName owner, PageRequest page) {
  auto db = context_.database.session(query_deadline());
  co_return co_await storage::list_keys(db, owner.str(), page);
}

Task<Key> Keys::add(UserName owner, std::string id, std::string public_key) {
  const SshKey parsed = parse_ssh_key(public_key);
  auto db = context_.database.session(query_deadline());
  co_return co_await storage::create_key(db, owner.str(), id, public_key, parsed.fingerprint);
}

Task<Key> Keys::get(UserName owner, std::string id) {
  auto db = context_.database.session(query_deadline());
  auto key = co_await storage::find_key(db, owner.str(), id);
  if (!key) throw not_found();
  co_return std::move(*key);
}

Task<> Keys::remove(UserName owner, std::string id) {
  auto db = context_.database.session(query_deadline());
  const bool existed = co_await storage::delete_key(db, owner.str(), id);
  if (!existed) throw not_found();
}

Task<Key> Keys::find_by_public(std::string public_key) {
  const SshKey presented = parse_ssh_key(public_key);
  auto db = context_.database.session(query_deadline());
  auto key = co_await storage::find_key_by_fingerprint(db, presented.fingerprint);
  // MD5 finds the row; only the same blob is the same key.
  if (!key || parse_ssh_key(key->public_key).blob != presented.blob) throw not_found();
  co_return std::move(*key);
}

}  // namespace deis::controller
