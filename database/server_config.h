#pragma once
// PostgreSQL's configuration as values and text. Pure.

#include <cstdint>
#include <string>
#include <string_view>

namespace deis::database {

constexpr std::string_view kDatabaseName = "deis";
constexpr std::string_view kRoleName = "deis";
constexpr std::uint16_t kDefaultPort = 5432;

struct ServerConfig {
  std::uint16_t port = kDefaultPort;
  std::string socket_directory = "/run/postgresql";
};

std::string postgresql_conf(const ServerConfig& config);
// Who may log in: the superuser over the unix socket as the operating system's root or postgres, the
// platform's role over loopback with its password, nobody else.
std::string pg_hba_conf();
std::string pg_ident_conf();

}  // namespace deis::database
