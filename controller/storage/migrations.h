#pragma once
// Brings the schema up to date: every numbered file of controller/migrations that was not applied yet, each
// in one transaction, under a lock so that several controllers may start at once. Refuses (Error{internal})
// when a file that was applied has changed since. Forward only.

#include "controller/storage/pg/database.h"

namespace deis::controller::storage {

Task<int> migrate(pg::Database& database, Log log, Deadline deadline);  // how many were applied

}  // namespace deis::controller::storage
