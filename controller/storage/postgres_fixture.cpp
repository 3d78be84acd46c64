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

process::Command command_of(std::vector<std::string> argv) {
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

Task<> run(Executor executor, std::vector<std::string> argv) {
  process::Command command = command_of(std::move(argv));
  command.out = command.err = process::Command::Output::pipe;
  co_await process::check_output(executor, std::move(command), in(60s));
}

std::string make_directory() {
  char name[] = "/tmp/deis-postgres-XXXXXX";
  if (!::mkdtemp(name)) throw Error(ErrorCode::internal, "cannot make a directory in /tmp");
  const process::Command command = command_of({});
  if (command.uid && ::chown(name, *command.uid, *command.gid) != 0)
    throw Error(ErrorCode::internal, "cannot chown the data directory");
  return name;
}

struct Model {
  ~Model() {
    std::error_code ignored;
    std::filesystem::remove_all(directory, ignored);
  }
  std::string directory = make_directory(), data;
};

// What initdb makes, once in a program: it takes two seconds, a copy a tenth of one.
Task<std::string> model_data(Executor executor) {
  static Model model;
  if (!model.data.empty()) co_return model.data;
  const std::string data = model.directory + "/data";
  std::vector<std::string> argv = {
      kBin + "initdb", "-D", data, "-U", "deis", "-A", "trust", "-N", "-E", "UTF8"};
  co_await run(executor, std::move(argv));
  model.data = data;
  co_return model.data;
}

}  // namespace

PostgresFixture::PostgresFixture(Executor executor, std::string directory)
    : executor_(executor), directory_(std::move(directory)) {}

PostgresFixture::~PostgresFixture() {
  server_.reset();
  std::error_code ignored;
  std::filesystem::remove_all(directory_, ignored);
}

Task<std::unique_ptr<PostgresFixture>> PostgresFixture::start(Executor executor) {
  const std::string model = co_await model_data(executor);
  std::unique_ptr<PostgresFixture> fixture(new PostgresFixture(executor, make_directory()));
  std::vector<std::string> copy = {"/bin/cp", "-a", model, fixture->directory_ + "/data"};
  co_await run(executor, std::move(copy));
  co_await fixture->launch();
  co_return fixture;
}

Task<> PostgresFixture::launch() {
  process::Command server = command_of(
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
