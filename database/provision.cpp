#include "database/provision.h"

namespace deis::database {
namespace {

const std::string kRole(kRoleName);
const std::string kDatabase(kDatabaseName);
constexpr const char* kConnectTimeout = "2";  // seconds, the least that libpq takes

void ensure_role(Connection& superuser, const Secrets& secrets) {
  const auto found = superuser.query("SELECT 1 FROM pg_roles WHERE rolname = $1", kRole);
  if (!found) superuser.execute("CREATE ROLE " + superuser.identifier(kRole) + " LOGIN");
  // At every start: a restored database has another password than the volume's secrets.
  const auto verifier = superuser.scram_verifier(kRole, secrets.password);
  superuser.execute(
      "ALTER ROLE " + superuser.identifier(kRole) + " LOGIN PASSWORD " + superuser.literal(verifier));
}

void ensure_database(Connection& superuser) {
  const auto found = superuser.query("SELECT 1 FROM pg_database WHERE datname = $1", kDatabase);
  if (found) return;
  superuser.execute(
      "CREATE DATABASE " + superuser.identifier(kDatabase) + " OWNER " + superuser.identifier(kRole));
}

}  // namespace

void provision(Connection& superuser, const Secrets& secrets) {
  ensure_role(superuser, secrets);
  ensure_database(superuser);
}

ConnectionOptions superuser_login(const ServerConfig& config) {
  return {
      {"host", config.socket_directory},
      {"port", std::to_string(config.port)},
      {"user", "postgres"},
      {"dbname", "postgres"},
      {"connect_timeout", kConnectTimeout},
      {"application_name", "deis-database"},
  };
}

ConnectionOptions platform_login(const ServerConfig& config, const Secrets& secrets) {
  return {
      {"host", "127.0.0.1"},
      {"port", std::to_string(config.port)},
      {"user", kRole},
      {"password", secrets.password},
      {"dbname", kDatabase},
      {"sslmode", "disable"},  // loopback, and the server has no certificate
      {"connect_timeout", kConnectTimeout},
      {"application_name", "deis-database probe"},
  };
}

}  // namespace deis::database
