#include "database/server_config.h"

#include <fmt/format.h>

#include <utility>
#include <vector>

namespace deis::database {
namespace {

std::string in_quotes(std::string_view value) {
  std::string text = "'";
  for (const char c : value) {
    if (c == '\'') text += c;  // doubled
    text += c;
  }
  return text + "'";
}

}  // namespace

std::string postgresql_conf(const ServerConfig& config) {
  const std::vector<std::pair<std::string_view, std::string>> settings{
      {"listen_addresses", "127.0.0.1"},
      {"port", std::to_string(config.port)},
      {"unix_socket_directories", config.socket_directory},
      {"max_connections", "100"},
      {"password_encryption", "scram-sha-256"},
      // Memory: a whole platform shares a small machine.
      {"shared_buffers", "32MB"},
      {"huge_pages", "off"},
      {"max_wal_size", "256MB"},
      {"max_parallel_workers_per_gather", "0"},
      {"jit", "off"},
      // Nothing acknowledged is lost.
      {"fsync", "on"},
      {"synchronous_commit", "on"},
      {"full_page_writes", "on"},
      {"timezone", "UTC"},
      {"log_timezone", "UTC"},
      {"log_destination", "stderr"},
      {"log_line_prefix", "%m [%p] "},
  };
  std::string text = "# Rendered at every start of deis-database; changes here are lost.\n";
  for (const auto& [name, value] : settings) text += fmt::format("{} = {}\n", name, in_quotes(value));
  return text;
}

std::string pg_hba_conf() {
  return fmt::format(
      "local all postgres peer map=superuser\n"
      "host {0} {1} 127.0.0.1/32 scram-sha-256\n",
      kDatabaseName,
      kRoleName);
}

std::string pg_ident_conf() {
  return "superuser root postgres\n"
         "superuser postgres postgres\n";
}

}  // namespace deis::database
