#include "controller/database_link.h"

#include "controller/storage/migrations.h"
#include "core/base/error.h"
#include "core/net/task_group.h"

namespace deis::controller {
namespace {

constexpr std::size_t kConnections = 8;
constexpr std::chrono::milliseconds kLook{500};  // while it is not ready
constexpr std::chrono::seconds kCheck{2};        // when it is
constexpr std::chrono::seconds kCheckLimit{3};
constexpr std::chrono::minutes kMigrationLimit{10};

}  // namespace

DatabaseLink::DatabaseLink(Executor executor, etcd::Client& etcd, Log log)
    : executor_(executor),
      log_(log),
      hosts_(executor, etcd, "database", log),
      account_(executor, etcd, "/deis/database/", log),
      database_(executor, kConnections, log),
      became_ready_(executor) {}

Task<> DatabaseLink::run() {
  net::TaskGroup group(executor_);
  group.spawn(hosts_.run());
  group.spawn(account_.run());
  group.spawn(watch());
  co_await group.join();
}

Task<> DatabaseLink::wait_ready() {
  while (!ready_) co_await became_ready_.wait(Deadline::max());
}

Task<> DatabaseLink::watch() {
  for (;;) {
    take_address();
    if (has_address_ && !ready_) co_await migrate();
    if (ready_) problem_ = co_await database_.check(in(kCheckLimit));
    const auto pause = ready_ ? std::chrono::milliseconds(kCheck) : kLook;
    co_await net::sleep_for(pause);
  }
}

// An announcement that is gone says nothing about where the server is: the last address stays.
void DatabaseLink::take_address() {
  const auto host = hosts_.any();
  const auto name = account_.find("name"), user = account_.find("user"), password = account_.find("password");
  if (!host || !name || !user || !password) return;
  pg::Address address{
      .host = host->address.host,
      .port = host->address.port,
      .database = *name,
      .user = *user,
      .password = *password};
  database_.set_address(std::move(address));
  has_address_ = true;
}

Task<> DatabaseLink::migrate() {
  try {
    co_await storage::migrate(database_, log_, in(kMigrationLimit));
    if (prepare_) co_await prepare_();
    ready_ = true;
    became_ready_.notify();
  } catch (const Error& error) {
    if (error.code() == ErrorCode::canceled || error.code() == ErrorCode::internal) throw;
    report(error.what());
  }
}

// Once, not at every look.
void DatabaseLink::report(const std::string& problem) {
  if (problem != problem_) log_.error("the database cannot be used", {{"why", problem}});
  problem_ = problem;
}

}  // namespace deis::controller
