#include "router/agent.h"

#include "core/base/error.h"
#include "core/json/json.h"

#include <cerrno>
#include <signal.h>

namespace deis::router {

using namespace std::chrono_literals;

namespace {

constexpr auto kTend = 200ms;  // how often dead workers are noticed, and memory is freed
constexpr auto kStatusLimit = 2s;
// Looks in a row that nginx may leave unanswered: a machine that stands still for a moment is no reason to
// take a router out, which the others then have to stand in for.
constexpr int kMisses = 3;
constexpr auto kDoubt = 5s;  // how long publishers have to write their endpoints again after etcd was away

bool is_alive(std::int32_t process) {
  return ::kill(process, 0) == 0 || errno == EPERM;
}

}  // namespace

Agent::Agent(
    Executor executor,
    etcd::Client& etcd,
    etcd::Session& session,
    NginxControl& nginx,
    table::TableWriter& table,
    Identity identity,
    component::Metrics& metrics,
    Log log)
    : session_(session),
      nginx_(nginx),
      table_(table),
      identity_(std::move(identity)),
      metrics_(metrics),
      log_(log),
      mirror_(etcd, "/deis/", log),
      builder_changed_(executor),
      was_read_(executor),
      nginx_problem_("nginx has not answered yet") {}

Task<> Agent::follow_etcd() {
  auto on_update = [this](const etcd::MirrorUpdate& update) -> Task<> { co_await take(update); };
  co_await mirror_.run(std::move(on_update));
}

// Only changes that matter move the announced revision on: our own announcement is a change too, and must not
// cause the next one.
Task<> Agent::take(const etcd::MirrorUpdate& update) {
  const bool is_first = relevant_ == 0;
  bool matters = is_first;
  const auto builder = wanted_.builder();
  const bool had_certificates = wanted_.has_certificates();
  const Loss loss = session_.was_away(kDoubt) ? Loss::doubted : Loss::believed;
  for (const etcd::Change& change : update.changes) {
    if (wanted_.apply(change, loss)) matters = true;
    const auto problem = wanted_.problems().find(change.entry.key);
    if (problem != wanted_.problems().end()) {
      log_.warning("routing ignores a key", {{"key", problem->first}, {"error", problem->second}});
    }
  }
  if (matters) {
    relevant_ = update.revision;
    write();
    if (table_problem_.empty()) table_.confirm(applied_);
  }
  if (is_first) was_read_.notify();
  if (is_first || wanted_.builder() != builder || wanted_.has_certificates() != had_certificates)
    builder_changed_.notify();
  co_return;
}

void Agent::take(const ContainerNews& news) {
  if (has_read() && wanted_.apply(news)) write();
}

Task<> Agent::wait_until_read() {
  while (!has_read()) co_await was_read_.wait(Deadline::max());
}

// The first time everything is written, over what an agent before us has left in the table.
void Agent::write() {
  const std::string before = table_problem_;
  try {
    wanted_.write_to(table_, applied_ == 0);
    applied_ = relevant_;
    table_problem_.clear();
    metrics_.count("deis_router_table_updates_total", "Changes that were written into the routing table");
  } catch (const table::TableFull& full) {
    table_problem_ = full.what();
    if (table_problem_ != before) log_.error("routes are not up to date", {{"error", table_problem_}});
  }
  announce();
}

void Agent::announce() {
  const bool serves = table_problem_.empty() && nginx_problem_.empty() && applied_ != 0;
  const etcd::Revision wanted = serves ? applied_ : 0;
  if (wanted == announced_) return;
  announced_ = wanted;
  if (!serves) {
    session_.unset(identity_.announce_key);
    return;
  }
  json::object value{{"revision", applied_}};
  value["address"] = boost::json::string(identity_.admin_address);
  session_.set(identity_.announce_key, json::to_text(value));
}

Task<> Agent::tend() {
  for (;;) {
    co_await look_at_nginx();
    table_.reclaim(is_alive);
    const bool believes = wanted_.has_doubts() && !session_.was_away(kDoubt);
    if (believes) wanted_.believe_losses();
    if (believes || !table_problem_.empty()) write();
    if (mirror_.connected() && applied_ != 0 && table_problem_.empty()) table_.confirm(applied_);
    metrics_.set(
        "deis_router_table_entries", "Names in the routing table", static_cast<double>(table_.size()));
    metrics_.set(
        "deis_router_table_bytes",
        "Shared memory that the routing table has taken",
        static_cast<double>(table_.used_bytes()));
    if (table_.age_ms() >= 0) {
      metrics_.set(
          "deis_router_table_age_seconds",
          "Time since the routing table was known to be equal to etcd",
          static_cast<double>(table_.age_ms()) / 1000.0);
    }
    co_await net::sleep_for(kTend);
  }
}

Task<> Agent::look_at_nginx() {
  std::string miss;
  try {
    const std::string configuration = co_await nginx_.running_configuration(in(kStatusLimit));
  } catch (const Error& error) {
    if (error.code() == ErrorCode::canceled) throw;
    miss = error.what();
  }
  note_nginx(miss);
  announce();
}

// `miss`: "" or why it has not answered.
void Agent::note_nginx(const std::string& miss) {
  misses_ = miss.empty() ? 0 : misses_ + 1;
  if (misses_ == 1) log_.warning("nginx does not answer", {{"error", miss}});
  if (misses_ == 0) {
    nginx_problem_.clear();
  } else if (misses_ >= kMisses) {
    nginx_problem_ = miss;
  }
}

std::string Agent::not_ready() const {
  if (!mirror_.synced()) return "etcd has not been read yet";
  return table_problem_.empty() ? nginx_problem_ : table_problem_;
}

}  // namespace deis::router
