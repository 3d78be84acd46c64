#include "database/server_files.h"

#include "core/base/error.h"
#include "core/base/text.h"
#include "core/component/durable_file.h"

#include <cerrno>
#include <cstring>
#include <pwd.h>
#include <unistd.h>

namespace deis::database {
namespace {

const std::filesystem::path kPrograms = "/usr/lib/postgresql/15/bin";
constexpr unsigned kReadableByServer = 0644;  // nothing in the configuration is secret

// Flushing to disk costs time that a restart does not have: only what changed.
void render(const std::filesystem::path& path, const std::string& content) {
  if (component::read_file(path) != content) component::write_durably(path, content, kReadableByServer);
}

process::Command as_postgres(const Account& account, std::vector<std::string> argv) {
  process::Command command;
  command.argv = std::move(argv);
  command.env = {{"LANG", "C.UTF-8"}, {"PATH", "/usr/bin:/bin"}};
  command.uid = account.uid;
  command.gid = account.gid;
  return command;
}

}  // namespace

Account Account::find() {
  const passwd* entry = ::getpwnam("postgres");  // at the start, before there are other threads
  if (!entry) throw Error(ErrorCode::internal, "there is no account 'postgres' on this system");
  return Account{.uid = entry->pw_uid, .gid = entry->pw_gid};
}

process::Command initdb_command(const DataVolume& volume, const Account& account) {
  return as_postgres(
      account,
      {(kPrograms / "initdb").string(),
       "--pgdata=" + volume.data().string(),
       "--username=postgres",
       "--auth-local=peer",
       "--auth-host=scram-sha-256",
       "--encoding=UTF8",
       "--locale=C.UTF-8",
       "--data-checksums"});
}

process::Command server_command(const DataVolume& volume, const Account& account) {
  return as_postgres(
      account,
      {(kPrograms / "postgres").string(),
       "-D",
       volume.data().string(),
       "-c",
       "config_file=" + (volume.config() / "postgresql.conf").string(),
       "-c",
       "hba_file=" + (volume.config() / "pg_hba.conf").string(),
       "-c",
       "ident_file=" + (volume.config() / "pg_ident.conf").string()});
}

void write_server_files(const DataVolume& volume, const ServerConfig& config, const Account& account) {
  render(volume.config() / "postgresql.conf", postgresql_conf(config));
  render(volume.config() / "pg_hba.conf", pg_hba_conf());
  render(volume.config() / "pg_ident.conf", pg_ident_conf());
  const std::filesystem::path sockets = config.socket_directory;
  if (!std::filesystem::create_directories(sockets)) return;
  if (::chown(sockets.c_str(), account.uid, account.gid) != 0) {
    throw Error(
        ErrorCode::unavailable, "cannot give " + sockets.string() + " to postgres: " + std::strerror(errno));
  }
}

bool remove_stale_pid_file(const DataVolume& volume) {
  const auto path = volume.data() / "postmaster.pid";
  const auto content = component::read_file(path);
  if (!content) return false;
  const auto pid = parse_int(trim(split(*content, '\n').front()));
  if (!pid) return false;  // PostgreSQL judges it
  const auto name = component::read_file("/proc/" + std::to_string(*pid) + "/comm");
  // Dead: PostgreSQL finds out itself, and looks for shared memory that is still in use, too.
  if (!name || trim(*name) == "postgres") return false;
  return std::filesystem::remove(path);
}

}  // namespace deis::database
