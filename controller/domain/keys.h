#pragma once
// SSH keys of users (contract api.md §3.18, §4.6).

#include "controller/domain/context.h"
#include "controller/domain/model.h"
#include "controller/domain/page.h"

namespace deis::controller {

class Keys {
 public:
  explicit Keys(Context& context) : context_(context) {}

  Task<Page<Key>> list(UserName owner, PageRequest page);
  Task<Key> add(UserName owner, std::string id, std::string public_key);
  Task<Key> get(UserName owner, std::string id);  // Error{not_found}
  Task<> remove(UserName owner, std::string id);  // Error{not_found}
  // Whose key it is, whatever its comment. Error{not_found}.
  Task<Key> find_by_public(std::string public_key);

 private:
  Context& context_;
};

}  // namespace deis::controller
