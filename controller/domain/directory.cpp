#include "controller/domain/directory.h"

#include "core/base/error.h"

#include <ldap.h>

namespace deis::controller {
namespace {

constexpr unsigned kThreads = 4;

Error away() {
  return Error(
      ErrorCode::unavailable, "The LDAP server is not reachable and this is no local account: try again.");
}

}  // namespace

Directory::Directory(Log log, const Patience& patience) : log_(std::move(log)), patience_(patience) {
  // libldap reads its files at first use, which must not happen on two threads at once.
  LDAPAPIInfo info{};
  info.ldapai_info_version = LDAP_API_INFO_VERSION;
  if (ldap_get_option(nullptr, LDAP_OPT_API_INFO, &info) != LDAP_SUCCESS) return;
  ldap_memfree(info.ldapai_vendor_name);
  ber_memvfree(reinterpret_cast<void**>(info.ldapai_extensions));
}

bool Directory::is_resting(const LdapSettings& settings) const {
  return std::chrono::steady_clock::now() < away_until_ && settings == away_;
}

void Directory::rest(const LdapSettings& settings, const std::string& why) {
  log_.warning("the LDAP server cannot be used", {{"endpoint", settings.endpoint}, {"error", why}});
  away_ = settings;
  away_until_ = in(patience_.directory_pause);
}

Task<std::optional<LdapAccount>> Directory::log_in(
    LdapSettings settings, std::string name, std::string password) {
  std::optional<LdapAccount> account;
  if (!settings.enabled()) co_return account;
  if (is_resting(settings)) throw away();
  if (!pool_) pool_.emplace(kThreads);
  std::function<void()> work = [&] {
    account = ldap_log_in(settings, name, password, in(patience_.directory));
  };
  try {
    co_await pool_->run(std::move(work));
    co_return account;
  } catch (const Error& error) {
    if (error.code() != ErrorCode::unavailable && error.code() != ErrorCode::timeout) throw;
    rest(settings, error.what());
  }
  throw away();
}

}  // namespace deis::controller
