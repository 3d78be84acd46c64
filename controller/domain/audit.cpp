#include "controller/domain/audit.h"

#include "controller/storage/audit.h"
#include "core/net/backoff.h"

namespace deis::controller {
namespace {

constexpr std::chrono::hours kPrunePause{1};
constexpr std::int64_t kPruneBatch = 5000;

}  // namespace

Task<> Audit::record(AuditRecord record) {
  const Deadline limit = in(context_.patience.audit_record);
  net::Backoff backoff;
  for (;;) {
    try {
      auto db = context_.database.session(limit);
      co_await storage::add_audit_record(db, record);
      co_return;
    } catch (const Error& error) {
      const bool again = error.code() == ErrorCode::unavailable && std::chrono::steady_clock::now() < limit;
      if (!again) throw;
    }
    co_await net::sleep_for(backoff.next());
  }
}

Task<Page<AuditRecord>> Audit::list(PageRequest page) {
  auto db = context_.database.session(query_deadline());
  co_return co_await storage::list_audit(db, page);
}

Task<Page<AuditRecord>> Audit::list_of(App app, PageRequest page) {
  auto db = context_.database.session(query_deadline());
  co_return co_await storage::list_audit_of(db, app.id.str(), page);
}

Task<std::int64_t> Audit::prune() {
  std::int64_t total = 0;
  for (std::int64_t deleted = kPruneBatch; deleted == kPruneBatch;) {
    auto db = context_.database.session(query_deadline());
    deleted = co_await storage::prune_audit(
        db, context_.settings.audit_days, context_.settings.audit_records, kPruneBatch);
    total += deleted;
  }
  co_return total;
}

Task<> Audit::run() {
  for (;;) {
    try {
      const std::int64_t deleted = co_await prune();
      if (deleted > 0) context_.log.info("audit records pruned", {{"count", deleted}});
    } catch (const Error& error) {
      if (error.code() == ErrorCode::canceled) throw;
      context_.log.warning("the audit log was not pruned", {{"why", error.what()}});
    }
    co_await net::sleep_for(kPrunePause);
  }
}

}  // namespace deis::controller
