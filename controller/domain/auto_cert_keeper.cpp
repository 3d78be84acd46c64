#include "controller/domain/auto_cert_keeper.h"

#include "controller/acme/requests.h"
#include "controller/domain/certificate_parser.h"
#include "core/base/random.h"
#include "core/net/backoff.h"

#include <fmt/format.h>

#include <utility>

namespace deis::controller {
namespace {

using namespace std::chrono_literals;

constexpr auto kLookEvery = 30s;
constexpr std::chrono::minutes kLongestStep{10};  // an order has a limit of its own
constexpr auto kRemembered = 24h;                 // orders, for whoever looks into the database
constexpr std::size_t kTokenBytes = 16;

using acme::Failure;
using acme::OrderFailed;

const char* outcome_of(Failure failure) {
  return failure == Failure::not_validated ? "invalid" : "refused";
}

SystemTime renewal_of(const std::string& chain_pem) {
  const auto chain = parse_chain(chain_pem);
  return acme::renewal_time(start_of(chain.front()), expiry_of(chain.front()));
}

}  // namespace

AutoCertKeeper::AutoCertKeeper(Executor executor, Parts parts)
    : executor_(executor),
      parts_(std::move(parts)),
      certs_(parts_.context),
      client_(executor, parts_.client, parts_.context.log),
      challenges_(parts_.context.etcd, parts_.wait_for_routers),
      look_(executor) {}

Task<> AutoCertKeeper::run() {
  net::Backoff backoff(1s, kLookEvery);
  for (;;) {
    std::chrono::milliseconds pause = kLookEvery;
    try {
      const bool more = co_await step();
      backoff.reset();
      if (more) continue;
    } catch (const Error& error) {
      if (error.code() == ErrorCode::canceled || error.code() == ErrorCode::internal) throw;
      parts_.context.log.warning("cannot see to certificates", {{"why", error.what()}});
      pause = backoff.next();
    }
    co_await look_.wait(in(pause));
  }
}

// What is marked as being ordered while nobody holds the lock is of a controller that died: the lock went
// with its connection.
Task<bool> AutoCertKeeper::step() {
  if (!parts_.context.settings.acme.agreed) co_return false;
  auto lock = co_await parts_.context.database.begin(in(kLongestStep));
  const bool taken = co_await storage::take_auto_certs(lock);
  if (!taken) co_return false;
  auto db = parts_.context.database.session(query_deadline());
  const SystemTime now = parts_.now();
  const auto interrupted = co_await storage::reclaim_interrupted(db, now);
  if (interrupted > 0)
    parts_.context.log.warning("orders of certificates were interrupted", {{"domains", interrupted}});
  auto due = co_await storage::find_due_cert(db, now);
  if (due) co_await see_to(std::move(*due));
  // The lock is free when this returns. Without it PostgreSQL lets go only when it notices that the
  // connection was closed, and a step that comes before that takes us for another controller and does
  // nothing.
  co_await lock.commit();
  co_return due.has_value();
}

Task<> AutoCertKeeper::see_to(storage::DueCert due) {
  const bool held_back = co_await is_held_back(due);
  if (held_back) co_return;
  std::optional<OrderFailed> failure;
  const etcd::LeaseId lease = co_await challenges_.open();
  SystemTime renewal;
  try {
    renewal = co_await attempt(due, lease);
  } catch (const OrderFailed& error) {
    failure = error;
  }
  co_await challenges_.close(lease);
  if (failure) {
    co_await note_failure(due, *failure);
    co_return;
  }
  const SystemTime now = parts_.now();
  storage::AttemptResult result{.error = "", .now = now, .next = renewal, .held_until = std::nullopt};
  auto db = parts_.context.database.session(query_deadline());
  co_await storage::note_attempt(db, due.domain, std::move(result));
  co_await storage::forget_orders_before(db, now - kRemembered);
  parts_.context.log.info(
      "certificate issued", {{"domain", due.domain}, {"app", due.app}, {"renewal", format_utc(renewal)}});
  parts_.context.app_log.info(AppId::parse(due.app), "certificate of " + due.domain + " issued");
}

Task<bool> AutoCertKeeper::is_held_back(const storage::DueCert& due) {
  const SystemTime now = parts_.now();
  auto db = parts_.context.database.session(query_deadline());
  const auto orders = co_await storage::orders_since(db, now - 1h);
  std::vector<acme::RecentOrder> recent;
  for (const auto& order : orders) {
    recent.push_back(
        {.same_domain = order.domain == due.domain,
         .failed_validation = order.outcome != "issued",
         .begun = order.begun});
  }
  const acme::OrderLimits limits{
      .orders_per_hour = parts_.context.settings.acme.orders_per_hour, .failed_validations_per_hour = 5};
  const auto until = acme::held_until(now, limits, recent);
  if (!until) co_return false;
  co_await storage::hold_back(
      db, due.domain, *until, "held back: authorities allow only so many orders in an hour");
  co_return true;
}

// When it shall be renewed. Throws OrderFailed.
Task<SystemTime> AutoCertKeeper::attempt(const storage::DueCert& due, etcd::LeaseId lease) {
  co_await probe(due.domain, lease);
  const std::int64_t id = co_await begin(due.domain);
  std::optional<OrderFailed> failure;
  Ordered ordered;
  try {
    ordered = co_await order(due.domain, lease);
  } catch (const OrderFailed& error) {
    failure = error;
  }
  if (failure) {
    co_await end(id, outcome_of(failure->failure()));
    throw *failure;
  }
  co_await end(id, "issued");
  std::string why;
  try {
    co_await certs_.install(due.owner, due.domain, ordered.chain, ordered.key);
    co_return renewal_of(ordered.chain);
  } catch (const Error& error) {
    if (error.code() != ErrorCode::invalid && error.code() != ErrorCode::conflict) throw;
    why = error.what();
  }
  throw OrderFailed(Failure::refused, "the certificate cannot be used: " + why);
}

// What goes wrong in here has cost the authority nothing.
Task<> AutoCertKeeper::probe(const std::string& domain, etcd::LeaseId lease) {
  acme::Probe probe{
      .host = domain,
      .token = "deis-probe-" + random_hex(kTokenBytes),
      .answer = random_hex(kTokenBytes),
      .instead = parts_.context.settings.acme.probe_address};
  std::string why;
  try {
    co_await challenges_.publish(lease, probe.host, probe.token, probe.answer);
  } catch (const Error& error) {
    if (error.code() == ErrorCode::canceled) throw;
    why = error.what();
  }
  if (!why.empty()) throw OrderFailed(Failure::before_order, "the routers do not follow: " + why);
  co_await acme::check_domain(executor_, parts_.look_up, std::move(probe));
}

Task<AutoCertKeeper::Ordered> AutoCertKeeper::order(const std::string& domain, etcd::LeaseId lease) {
  const AcmeSettings settings = parts_.context.settings.acme;
  const acme::SigningRequest request = acme::make_signing_request(domain);
  acme::Order order{
      .directory = settings.directory,
      .email = settings.email,
      .roots = settings.roots,
      .account_key = "",
      .domain = domain,
      .request = request.request};
  order.account_key = co_await account_key(settings.directory);
  acme::Publish publish = [this, lease, domain](std::string token, std::string answer) {
    return challenges_.publish(lease, domain, std::move(token), std::move(answer));
  };
  Ordered ordered{.chain = "", .key = request.key};
  std::string why;
  try {
    ordered.chain = co_await client_.order(std::move(order), std::move(publish));
    co_return ordered;
  } catch (const Error& error) {
    if (error.code() != ErrorCode::internal) throw;
    why = error.what();  // no client program, no room: everything else of the controller goes on
  }
  throw OrderFailed(Failure::before_order, why);
}

Task<std::int64_t> AutoCertKeeper::begin(std::string domain) {
  auto tx = co_await parts_.context.database.begin(query_deadline());
  const std::int64_t id = co_await storage::begin_order(tx, std::move(domain), parts_.now());
  co_await tx.commit();
  co_return id;
}

Task<> AutoCertKeeper::end(std::int64_t order, std::string outcome) {
  auto db = parts_.context.database.session(query_deadline());
  co_await storage::end_order(db, order, std::move(outcome));
}

Task<std::string> AutoCertKeeper::account_key(std::string directory) {
  auto db = parts_.context.database.session(in(kQueryLimit + 10s));
  auto known = co_await storage::find_account_key(db, directory);
  if (known) co_return std::move(*known);
  std::string made;
  std::function<void()> work = [&made] { made = acme::make_account_key(); };
  co_await parts_.workers.run(std::move(work));
  co_await storage::create_account(db, directory, made);
  auto kept = co_await storage::find_account_key(db, directory);
  co_return std::move(kept.value());
}

Task<> AutoCertKeeper::note_failure(const storage::DueCert& due, const OrderFailed& failure) {
  const SystemTime now = parts_.now();
  SystemTime next = acme::next_attempt(now, failure.failure(), due.failures + 1);
  if (failure.retry_after()) next = std::max(next, *failure.retry_after());
  storage::AttemptResult result{
      .error = failure.what(), .now = now, .next = next, .held_until = failure.retry_after()};
  auto db = parts_.context.database.session(query_deadline());
  co_await storage::note_attempt(db, due.domain, std::move(result));
  parts_.context.log.warning(
      "no certificate",
      {{"domain", due.domain}, {"why", failure.what()}, {"next_attempt", format_utc(next)}});
  parts_.context.app_log.info(
      AppId::parse(due.app),
      fmt::format(
          "no certificate of {} yet: {}; next attempt {}", due.domain, failure.what(), format_utc(next)));
}

}  // namespace deis::controller
