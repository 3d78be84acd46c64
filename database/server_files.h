#pragma once
// The files and commands of a PostgreSQL server on a volume. Blocking parts run at its start.

#include "core/process/process.h"
#include "database/data_volume.h"
#include "database/server_config.h"

#include <filesystem>

namespace deis::database {

// The account that the server runs under: PostgreSQL refuses to run as root.
struct Account {
  unsigned uid, gid;
  static Account find();  // "postgres"; throws Error{internal} when there is none
};

process::Command initdb_command(const DataVolume& volume, const Account& account);
process::Command server_command(const DataVolume& volume, const Account& account);

// Renders the configuration and makes the socket's directory.
void write_server_files(const DataVolume& volume, const ServerConfig& config, const Account& account);

// After a kill -9 the old postmaster.pid stays, and in a new container its number may belong to another
// process, which makes PostgreSQL refuse to start. True when such a file was removed.
bool remove_stale_pid_file(const DataVolume& volume);

}  // namespace deis::database
