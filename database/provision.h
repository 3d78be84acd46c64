#pragma once
// What a running server must have for the platform: its role and its database. Idempotent; blocking.

#include "database/connection.h"
#include "database/data_volume.h"
#include "database/server_config.h"

namespace deis::database {

// `superuser`: a connection as postgres.
void provision(Connection& superuser, const Secrets& secrets);

ConnectionOptions superuser_login(const ServerConfig& config);                         // unix socket, peer
ConnectionOptions platform_login(const ServerConfig& config, const Secrets& secrets);  // loopback, password

}  // namespace deis::database
