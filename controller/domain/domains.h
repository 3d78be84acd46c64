#pragma once
// An app's own host names (contract api.md §3.16).

#include "controller/domain/context.h"
#include "controller/domain/model.h"
#include "controller/domain/page.h"

namespace deis::controller {

class Domains {
 public:
  explicit Domains(Context& context) : context_(context) {}

  Task<Page<Domain>> list(App app, PageRequest page);
  Task<Domain> add(App app, User by, std::string name);  // Error{invalid or conflict, "domain"}
  Task<> remove(App app, User by, std::string name);     // Error{not_found}

 private:
  Context& context_;
};

}  // namespace deis::controller
