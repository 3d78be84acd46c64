#pragma once
// Certificates that the platform gets and renews by itself: what users want. domain/auto_cert_keeper.h sees
// to it.

#include "controller/domain/context.h"
#include "controller/domain/model.h"
#include "controller/domain/page.h"

#include <functional>

namespace deis::controller {

class AutoCerts {
 public:
  explicit AutoCerts(Context& context) : context_(context) {}

  Task<Page<AutoCert>> list(App app, PageRequest page);
  // Of a domain of the app. Again: the next attempt is now, when the last one failed. Error{invalid,
  // "domain"}, Error{conflict} when the operator has not agreed to the authority's terms.
  Task<AutoCert> want(App app, User by, std::string domain);
  // The certificate stays until it expires. Error{not_found}
  Task<> leave(App app, User by, std::string domain);

  // Called when somebody wants one.
  void on_wanted(std::function<void()> observer) { observer_ = std::move(observer); }

 private:
  Task<> check_free(App app, std::string domain);

  Context& context_;
  std::function<void()> observer_;
};

}  // namespace deis::controller
