#include "controller/domain/certs.h"

#include "controller/domain/certificate_parser.h"
#include "controller/domain/validation.h"
#include "controller/storage/auto_certs.h"
#include "controller/storage/certs.h"
#include "controller/storage/domains.h"
#include "core/base/text.h"
#include "core/json/json.h"
#include "core/net/backoff.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

namespace deis::controller {
namespace {

constexpr std::string_view kPrefix = "/deis/certs/";
constexpr std::chrono::minutes kPublishInterval{5};
constexpr std::chrono::seconds kPublishLimit{60};

struct CertValue {
  std::string certificate, key;
};
BOOST_DESCRIBE_STRUCT(CertValue, (), (certificate, key))

std::string etcd_key(const std::string& name) {
  return std::string(kPrefix) + name;
}

std::string etcd_value(const std::string& certificate, const std::string& key) {
  return json::to_string(CertValue{.certificate = certificate, .key = key});
}

// Key -> value as they shall be in etcd; "" is as it is there.
Task<std::map<std::string, std::string>> wanted_keys(pg::Session& db, const Log& log) {
  const auto rows = co_await storage::all_cert_material(db);
  std::map<std::string, std::string> wanted;
  for (const auto& row : rows) {
    if (!row.problem.empty()) log.error("certificate not published", {{"why", row.problem}});
    wanted[etcd_key(row.name)] = row.problem.empty() ? etcd_value(row.certificate, row.key) : "";
  }
  co_return wanted;
}

// An authority's answer is not believed: it must be of our key and our domain.
CheckedCertificate check_ordered(const std::string& domain, std::string certificate, std::string key) {
  const CertificateRequest request{
      .certificate = std::move(certificate),
      .key = std::move(key),
      .common_name = domain,
      .wildcard = false,
      .names = {}};
  CheckedCertificate checked = check_certificate(request);
  const auto chain = parse_chain(checked.certificate);
  if (std::ranges::count(names_of(chain.front()), domain) == 0)
    throw Error(ErrorCode::invalid, "the authority's certificate is not good for " + domain);
  return checked;
}

// The domain that a certificate's name stands for: "*.example.com" covers what is below example.com.
std::string_view without_star(std::string_view name) {
  return name.starts_with("*.") ? name.substr(2) : name;
}

void check_not_of_platform(const std::vector<std::string>& names, const std::string& platform_domain) {
  const std::string platform = to_lower(platform_domain);
  for (const auto& name : names) {
    const auto domain = without_star(name);
    if (domain != platform && !domain.ends_with("." + platform)) continue;
    throw Error(
        ErrorCode::forbidden,
        fmt::format("{} is a name of the platform: only its administrators add a certificate for it.", name));
  }
}

Task<> check_not_of_others(pg::Session& db, UserName user, std::vector<std::string> names) {
  const auto domain = co_await storage::find_foreign_domain(db, user.str(), std::move(names));
  if (!domain) co_return;
  throw Error(
      ErrorCode::forbidden,
      fmt::format("{} is a domain of an app that you cannot use: its people add its certificate.", *domain));
}

}  // namespace

void check_replaceable(const Cert& cert, const std::string& owner, const std::string& domain) {
  if (cert.names.size() > 1)
    throw Error(
        ErrorCode::conflict,
        fmt::format(
            "The certificate {} is presented for {} and other names: remove it first.",
            cert.common_name,
            domain));
  if (!cert.automatic && cert.owner != owner)
    throw Error(ErrorCode::conflict, fmt::format("Another user has a certificate for {}.", domain));
}

Task<> unpublish_certificates(etcd::Client& etcd, std::vector<std::string> names) {
  for (const auto& name : names) co_await etcd.erase(etcd_key(name), query_deadline());
}

Task<Page<Cert>> Certs::list(UserName owner, PageRequest page) {
  auto db = context_.database.session(query_deadline());
  co_return co_await storage::list_certs(db, owner.str(), page);
}

Task<Cert> Certs::get(UserName owner, std::string common_name) {
  auto db = context_.database.session(query_deadline());
  auto cert = co_await storage::find_cert(db, owner.str(), common_name);
  if (!cert) throw not_found();
  co_return std::move(*cert);
}

Task<Cert> Certs::add(User by, CertificateRequest request) {
  const CheckedCertificate checked = check_certificate(request);
  if (!by.is_superuser) check_not_of_platform(checked.names, context_.settings.domain);
  auto tx = co_await context_.database.begin(query_deadline());
  co_await storage::lock_certs(tx);
  if (!by.is_superuser) co_await check_not_of_others(tx, by.username, checked.names);
  storage::NewCert row{
      .owner = by.username.str(),
      .common_name = checked.common_name,
      .names = checked.names,
      .extended = checked.extended,
      .automatic = false,
      .certificate = checked.certificate,
      .key = checked.key,
      .expires = checked.expires};
  Cert cert = co_await storage::create_cert(tx, std::move(row));
  const std::string value = etcd_value(checked.certificate, checked.key);
  for (const auto& name : checked.names) co_await context_.etcd.put(etcd_key(name), value, query_deadline());
  co_await tx.commit();
  co_return cert;
}

Task<> Certs::remove(UserName owner, std::string common_name) {
  auto tx = co_await context_.database.begin(query_deadline());
  co_await storage::lock_certs(tx);
  const auto cert = co_await storage::find_cert(tx, owner.str(), common_name);
  if (!cert) throw not_found();
  co_await storage::delete_cert(tx, owner.str(), common_name);
  co_await storage::delete_auto_certs(tx, cert->names);
  co_await unpublish_certificates(context_.etcd, cert->names);
  co_await tx.commit();
}

Task<bool> Certs::install(std::string owner, std::string domain, std::string certificate, std::string key) {
  const CheckedCertificate checked = check_ordered(domain, std::move(certificate), std::move(key));
  auto tx = co_await context_.database.begin(query_deadline());
  co_await storage::lock_certs(tx);
  const auto wanted = co_await storage::find_auto_cert(tx, domain);
  if (!wanted) co_return false;
  const auto last = co_await storage::find_cert_for(tx, domain);
  if (last) {
    check_replaceable(*last, owner, domain);
    co_await storage::delete_cert(tx, last->owner, last->common_name);
  }
  storage::NewCert row{
      .owner = std::move(owner),
      .common_name = domain,
      .names = {domain},
      .extended = false,
      .automatic = true,
      .certificate = checked.certificate,
      .key = checked.key,
      .expires = checked.expires};
  co_await storage::create_cert(tx, std::move(row));
  const std::string value = etcd_value(checked.certificate, checked.key);
  co_await context_.etcd.put(etcd_key(domain), value, query_deadline());
  co_await tx.commit();
  co_return true;
}

Task<> Certs::publish() {
  const Deadline deadline = in(kPublishLimit);
  auto tx = co_await context_.database.begin(deadline);
  co_await storage::lock_certs(tx);
  const auto wanted = co_await wanted_keys(tx, context_.log);
  const etcd::Range found = co_await context_.etcd.list(std::string(kPrefix), deadline);
  std::map<std::string, std::string> actual;
  for (const auto& entry : found.entries) actual[entry.key] = entry.value;
  for (const auto& [key, value] : wanted) {
    if (value.empty()) continue;
    const auto there = actual.find(key);
    if (there == actual.end() || there->second != value) co_await context_.etcd.put(key, value, deadline);
  }
  for (const auto& [key, value] : actual) {
    if (!wanted.contains(key)) co_await context_.etcd.erase(key, deadline);
  }
  co_await tx.commit();
}

Task<> Certs::keep_published() {
  net::Backoff backoff;
  for (;;) {
    auto pause = std::chrono::duration_cast<std::chrono::milliseconds>(kPublishInterval);
    try {
      co_await publish();
      backoff.reset();
    } catch (const Error& error) {
      if (error.code() == ErrorCode::canceled || error.code() == ErrorCode::internal) throw;
      context_.log.warning("cannot publish certificates", {{"error", error.what()}});
      pause = std::chrono::duration_cast<std::chrono::milliseconds>(backoff.next());
    }
    co_await net::sleep_for(pause);
  }
}

}  // namespace deis::controller
