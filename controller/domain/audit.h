#pragma once
// The audit log: who changed what, or tried to. The API's pipeline writes it (api/recorder.h).

#include "controller/domain/context.h"
#include "controller/domain/model.h"
#include "controller/domain/page.h"

namespace deis::controller {

class Audit {
 public:
  explicit Audit(Context& context) : context_(context) {}

  // Returns when the record is durable. Repeats while the database is away, for some seconds.
  Task<> record(AuditRecord record);
  Task<Page<AuditRecord>> list(PageRequest page);              // newest first
  Task<Page<AuditRecord>> list_of(App app, PageRequest page);  // newest first, since the app was created

  // Deletes what is over the limits of the settings. How many records.
  Task<std::int64_t> prune();
  // A part of the daemon: prunes every hour.
  Task<> run();

 private:
  Context& context_;
};

}  // namespace deis::controller
