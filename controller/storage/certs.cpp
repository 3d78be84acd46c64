#include "controller/storage/certs.h"

#include "controller/storage/paging.h"
#include "controller/storage/secrets.h"
#include "controller/vault/vault.h"
#include "core/base/error.h"
#include "core/base/text.h"

namespace deis::controller::storage {
namespace {

#define CERT_COLUMNS                                                                                   \
  "c.id, c.owner, c.common_name, c.extended, c.automatic, c.expires, c.created, c.updated, "           \
  "array_to_string(ARRAY(SELECT n.name FROM cert_names n WHERE n.cert = c.id ORDER BY n.name), ' '), " \
  "a.app, a.next_attempt, a.failures, a.last_error, a.ordering"
#define CERT_TABLES "certs c LEFT JOIN auto_certs a ON a.domain = lower(c.common_name) "

constexpr auto kLock = "SELECT pg_advisory_xact_lock(3473)";
constexpr auto kInsert =
    "INSERT INTO certs (owner, common_name, extended, automatic, certificate, sealed_key, sealed_by, "
    "expires) "
    "VALUES ($1, $2, $3, $4, $5, $6, $7, to_timestamp($8::bigint)) RETURNING id";
constexpr auto kInsertName = "INSERT INTO cert_names (name, cert) VALUES ($1, $2)";
constexpr auto kList = LIST_PAGE(CERT_COLUMNS, CERT_TABLES "WHERE c.owner = $1", "c.id", "$2", "$3");
constexpr auto kFind =
    "SELECT " CERT_COLUMNS " FROM " CERT_TABLES "WHERE c.owner = $1 AND lower(c.common_name) = lower($2)";
constexpr auto kFindFor =
    "SELECT " CERT_COLUMNS " FROM " CERT_TABLES "JOIN cert_names p ON p.cert = c.id WHERE p.name = $1";
constexpr auto kDelete = "DELETE FROM certs WHERE owner = $1 AND lower(common_name) = lower($2)";
constexpr auto kNamesOf =
    "SELECT n.name FROM cert_names n JOIN certs c ON c.id = n.cert WHERE c.owner = $1 ORDER BY n.name";
constexpr auto kMaterial =
    "SELECT n.name, c.certificate, c.owner, c.common_name, c.sealed_key, c.sealed_by "
    "FROM cert_names n JOIN certs c ON c.id = n.cert ORDER BY n.name";

Cert to_cert(const pg::Row& row) {
  Cert cert{
      .id = row.get<std::int64_t>(0),
      .owner = row.get<std::string>(1),
      .common_name = row.get<std::string>(2),
      .names = {},
      .extended = row.get<bool>(3),
      .automatic = row.get<bool>(4),
      .renewal = std::nullopt,
      .expires = row.get<SystemTime>(5),
      .created = row.get<SystemTime>(6),
      .updated = row.get<SystemTime>(7)};
  const auto names = row.get<std::string>(8);
  for (const std::string_view name : split(names, ' ')) cert.names.emplace_back(name);
  if (row.is_null(9)) return cert;
  cert.renewal = Renewal{
      .app = row.get<std::string>(9),
      .next_attempt = row.get<SystemTime>(10),
      .failures = row.get<int>(11),
      .last_error = row.get<std::string>(12),
      .ordering = row.get<bool>(13)};
  return cert;
}

CertMaterial to_material(const Vault& vault, const pg::Row& row) {
  const std::string place = cert_key_place(row.get<std::string>(2), row.get<std::string>(3));
  const Sealed sealed{.key = row.get<std::string>(5), .text = row.get<std::string>(4)};
  CertMaterial material{
      .name = row.get<std::string>(0), .certificate = row.get<std::string>(1), .key = "", .problem = ""};
  try {
    material.key = vault.open(place, sealed);
  } catch (const Error& error) {
    if (error.code() != ErrorCode::internal) throw;
    material.problem =
        error.what();  // one row that was tampered with shall not keep the others from the routers
  }
  return material;
}

Error taken(const char* field) {
  return Error(ErrorCode::conflict, field, "This field must be unique.");
}

}  // namespace

Task<> lock_certs(pg::Transaction& tx) {
  co_await tx.query(kLock, pg::Params());
}

Task<Cert> create_cert(pg::Transaction& tx, NewCert cert) {
  const std::int64_t expires = std::chrono::system_clock::to_time_t(cert.expires);
  const Sealed key = tx.vault().seal(cert_key_place(cert.owner, cert.common_name), cert.key);
  pg::Params values = pg::params(
      cert.owner,
      cert.common_name,
      cert.extended,
      cert.automatic,
      cert.certificate,
      key.text,
      key.key,
      expires);
  const pg::Result made = co_await tx.query(kInsert, std::move(values));
  const auto id = made[0].get<std::int64_t>(0);
  try {
    for (const auto& name : cert.names) co_await tx.query(kInsertName, pg::params(name, id));
  } catch (const Error& error) {
    if (error.code() != ErrorCode::conflict) throw;
    throw taken(cert.extended ? "names" : "common_name");
  }
  auto row = co_await find_cert(tx, cert.owner, cert.common_name);
  co_return std::move(row.value());
}

Task<Page<Cert>> list_certs(pg::Session& db, std::string owner, PageRequest page) {
  return list_page<Cert>(db, kList, pg::params(owner), page, to_cert);
}

Task<std::optional<Cert>> find_cert(pg::Session& db, std::string owner, std::string common_name) {
  const pg::Result result = co_await db.query(kFind, pg::params(owner, common_name));
  if (result.empty()) co_return std::nullopt;
  co_return to_cert(result[0]);
}

Task<std::optional<Cert>> find_cert_for(pg::Session& db, std::string name) {
  const pg::Result result = co_await db.query(kFindFor, pg::params(name));
  if (result.empty()) co_return std::nullopt;
  co_return to_cert(result[0]);
}

Task<bool> delete_cert(pg::Session& db, std::string owner, std::string common_name) {
  const pg::Result result = co_await db.query(kDelete, pg::params(owner, common_name));
  co_return result.affected() > 0;
}

Task<std::vector<std::string>> cert_names_of(pg::Session& db, std::string owner) {
  const pg::Result result = co_await db.query(kNamesOf, pg::params(owner));
  co_return strings(result);
}

Task<std::vector<CertMaterial>> all_cert_material(pg::Session& db) {
  const pg::Result result = co_await db.query(kMaterial, pg::Params());
  std::vector<CertMaterial> all;
  for (int i = 0; i < result.size(); ++i) all.push_back(to_material(db.vault(), result[i]));
  co_return all;
}

}  // namespace deis::controller::storage
