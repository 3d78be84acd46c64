#pragma once
// The audit log's rows.

#include "controller/domain/model.h"
#include "controller/domain/page.h"
#include "controller/storage/pg/database.h"

namespace deis::controller::storage {

Task<> add_audit_record(pg::Session& db, AuditRecord record);  // id and time are the database's
// Newest first. The ones of an app begin with its creation: an earlier app of its name was somebody else's.
Task<Page<AuditRecord>> list_audit(pg::Session& db, PageRequest page);
Task<Page<AuditRecord>> list_audit_of(pg::Session& db, std::string app, PageRequest page);

// Deletes at most `batch` records that are older than `days` or not among the newest `maximum`; how many.
Task<std::int64_t> prune_audit(pg::Session& db, std::int64_t days, std::int64_t maximum, std::int64_t batch);

}  // namespace deis::controller::storage
