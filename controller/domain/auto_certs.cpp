#include "controller/domain/auto_certs.h"

#include "controller/domain/certs.h"
#include "controller/domain/host_name.h"
#include "controller/domain/validation.h"
#include "controller/storage/auto_certs.h"
#include "controller/storage/certs.h"
#include "core/base/text.h"

#include <fmt/format.h>

namespace deis::controller {
namespace {

constexpr auto kNotAgreed =
    "This platform gets no certificates by itself until its operator agrees to the certificate authority's "
    "terms: deisctl config controller set acme/agreeToTerms=true";

}  // namespace

Task<Page<AutoCert>> AutoCerts::list(App app, PageRequest page) {
  auto db = context_.database.session(query_deadline());
  co_return co_await storage::list_auto_certs(db, app.id.str(), page);
}

Task<AutoCert> AutoCerts::want(App app, User by, std::string name) {
  const std::string domain = to_lower(checked_host_name(name));
  if (!context_.settings.acme.agreed) throw Error(ErrorCode::conflict, kNotAgreed);
  co_await check_free(app, domain);
  auto db = context_.database.session(query_deadline());
  const SystemTime now = std::chrono::system_clock::now();
  auto wanted = co_await storage::want_auto_cert(db, app.id.str(), domain, by.username.str(), now);
  if (!wanted) {
    const std::string add = fmt::format("deis domains:add {} -a {}", domain, app.id.str());
    throw Error(
        ErrorCode::invalid, "domain", fmt::format("{} is no domain of {}: {}", domain, app.id.str(), add));
  }
  context_.app_log.info(app.id, fmt::format("{} asked for a certificate of {}", by.username.str(), domain));
  if (observer_) observer_();
  co_return std::move(*wanted);
}

// A certificate that somebody uploaded is replaced when it is the owner's and of this name alone.
Task<> AutoCerts::check_free(App app, std::string domain) {
  auto db = context_.database.session(query_deadline());
  const auto found = co_await storage::find_cert_for(db, domain);
  if (found) check_replaceable(*found, app.owner, domain);
}

Task<> AutoCerts::leave(App app, User by, std::string name) {
  const std::string domain = to_lower(name);
  auto db = context_.database.session(query_deadline());
  const bool existed = co_await storage::delete_auto_cert(db, app.id.str(), domain);
  if (!existed) throw not_found();
  context_.app_log.info(
      app.id, fmt::format("{} stopped renewing the certificate of {}", by.username.str(), domain));
}

}  // namespace deis::controller
