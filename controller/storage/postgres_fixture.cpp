#include "controller/storage/postgres_fixture.h"

#include "core/base/error.h"
#include "core/net/task.h"

#include <boost/asio/this_coro.hpp>

#include <filesystem>
#include <pwd.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

namespace deis::pg {

using namespace std::chrono_literals;

namespace {

const std::string kBin = "/usr/lib/postgresql/15/bin/";

}  // namespace

PostgresFixture::PostgresFixture(Executor executor, std::string directory)
    : executor_(executor), directory_(std::move(directory)) {}

PostgresFixture::~PostgresFixture() {
  server_.reset();
  std::error_code ignored;
  std::filesystem::remove_all(directory_, ignored);
}

process::Command PostgresFixture::command(std::vector<std::string> argv) const {
  process::Command command;
  command.argv = std::move(argv);
  command.out = command.err = process::Command::Output::discard;
  if (::getuid() == 0) {
    const passwd* user = ::getpwnam("postgres");
    if (!user) throw Error(ErrorCode::internal, "no user postgres: is PostgreSQL installed?");
    command.uid = user->pw_uid;
    command.gid = user->pw_gid;
  }
  return command;
}

Task<std::unique_ptr<PostgresFixture>> PostgresFixture::start(Executor executor) {
  char name[] = "/tmp/deis-postgres-XXXXXX";
  if (!::mkdtemp(name)) throw Error(ErrorCode::internal, "cannot make a directory in /tmp");
  std::unique_ptr<PostgresFixture> fixture(new PostgresFixture(executor, name));
  process::Command initdb = fixture->command(
      {kBin + "initdb", "-D", std::string(name) + "/data", "-U", "deis", "-A", "trust", "-N", "-E", "UTF8"});
  if (initdb.uid && ::chown(name, *initdb.uid, *initdb.gid) != 0)
    throw Error(ErrorCode::internal, "cannot chown the data directory");
  initdb.out = initdb.err = process::Command::Output::pipe;
  co_await process::check_output(executor, std::move(initdb), in(60s));
  co_await fixture->launch();
  co_return fixture;
}

Task<> PostgresFixture::launch() {
  process::Command server = command(
      {kBin + "postgres",
       "-D",
       directory_ + "/data",
       "-p",
       std::to_string(port_.number()),
       "-c",
       "listen_addresses=127.0.0.1",
       "-c",
       "unix_socket_directories=" + directory_,
       "-c",
       "fsync=off",
       "-c",
       "shared_buffers=16MB"});
  server_ = std::make_unique<process::Process>(process::Process::start(executor_, server));
  Database probe(executor_, 1, Log::silent());
  probe.set_address(address());
  const Deadline deadline = in(30s);
  for (;;) {
    const std::string problem = co_await probe.check(in(2s));
    if (problem.empty()) co_return;
    if (std::chrono::steady_clock::now() > deadline)
      throw Error(ErrorCode::timeout, "PostgreSQL does not start: " + problem);
    co_await net::sleep_for(20ms);
  }
}

Address PostgresFixture::address() const {
  return Address{
      .host = "127.0.0.1", .port = port_.number(), .database = "postgres", .user = "deis", .password = ""};
}

Task<> PostgresFixture::stop() {
  co_await server_->stop(in(10s), SIGQUIT);
  server_.reset();
}

Task<> PostgresFixture::restart() {
  return launch();
}

}  // namespace deis::pg
