#include "router/agent.h"

#include "core/base/error.h"
#include "core/json/json.h"

#include <fmt/format.h>

namespace deis::router {

using namespace std::chrono_literals;

namespace {

constexpr auto kLook = 200ms;     // how often nginx is asked whether it is still the one that has our table
constexpr auto kSendLimit = 10s;  // for one table
constexpr auto kStatusLimit = 2s;

}  // namespace

Agent::Agent(
    Executor executor,
    etcd::Client& etcd,
    etcd::Session& session,
    NginxControl& nginx,
    Identity identity,
    component::Metrics& metrics,
    Log log)
    : session_(session),
      nginx_(nginx),
      identity_(std::move(identity)),
      metrics_(metrics),
      log_(log),
      mirror_(etcd, "/deis/", log),
      work_(executor),
      builder_changed_(executor) {}

Task<> Agent::follow_etcd() {
  auto on_update = [this](const etcd::MirrorUpdate& update) -> Task<> { co_await take(update); };
  co_await mirror_.run(std::move(on_update));
}

// Only changes that matter move the announced revision on: our own announcement is a change too, and must not
// cause the next one.
Task<> Agent::take(const etcd::MirrorUpdate& update) {
  bool matters = relevant_ == 0;
  const auto builder = table_.builder();
  for (const etcd::Change& change : update.changes) {
    if (table_.apply(change)) matters = true;
    const auto problem = table_.problems().find(change.entry.key);
    if (problem != table_.problems().end()) {
      log_.warning("routing ignores a key", {{"key", problem->first}, {"error", problem->second}});
    }
  }
  if (matters) {
    relevant_ = update.revision;
    work_.notify();
  }
  if (table_.builder() != builder) builder_changed_.notify();
  co_return;
}

Task<> Agent::follow_nginx() {
  for (;;) {
    const bool notified = co_await work_.wait(in(kLook));
    std::string problem;
    try {
      co_await bring_up_to_date(!notified);
    } catch (const Error& error) {
      if (error.code() == ErrorCode::canceled) throw;
      problem = error.what();
    }
    const bool news = problem != trouble_;
    trouble_ = problem;
    if (problem.empty()) continue;
    if (news) log_.warning("nginx has not got the table", {{"error", problem}});
    epoch_.clear();
    session_.unset(identity_.announce_key);
  }
}

Task<> Agent::bring_up_to_date(bool look) {
  if (relevant_ == 0) co_return;  // etcd was never read: an empty table would be a lie
  if (look || epoch_.empty()) {
    const NginxStatus status = co_await nginx_.status(in(kStatusLimit));
    if (status.epoch != epoch_ || !status.ready) epoch_.clear();
  }
  const etcd::Revision target = relevant_;
  Difference difference = table_.difference();
  if (!epoch_.empty() && difference.empty() && applied_ == target) co_return;
  NginxStatus confirmed;
  const bool whole = epoch_.empty();
  table_.accept();
  if (whole) {
    Table all = table_.wanted();
    log_.info("sending nginx the whole table", {{"entries", all.size()}, {"revision", target}});
    confirmed = co_await nginx_.send_all(std::move(all), target, in(kSendLimit));
  } else {
    confirmed = co_await nginx_.send(std::move(difference), target, in(kSendLimit));
  }
  epoch_ = confirmed.epoch;
  applied_ = target;
  metrics_.count(
      "deis_router_table_updates_total",
      "Tables and differences that nginx confirmed",
      {{"kind", whole ? "whole" : "difference"}});
  metrics_.set(
      "deis_router_table_entries",
      "Entries of the routing table",
      static_cast<double>(table_.wanted().size()));
  announce();
}

void Agent::announce() {
  json::object value{{"revision", applied_}};
  value["address"] = boost::json::string(identity_.admin_address);
  session_.set(identity_.announce_key, json::to_text(value));
}

std::string Agent::not_ready() const {
  if (!mirror_.synced()) return "etcd has not been read yet";
  if (!trouble_.empty()) return trouble_;
  return epoch_.empty() ? "nginx has not got the table yet" : "";
}

}  // namespace deis::router
