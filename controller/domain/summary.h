#pragma once
// The one-line summary of a release: who changed what (contract api.md §4.5). Pure.

#include "controller/domain/model.h"

namespace deis::controller {

std::string initial_summary(const std::string& app_owner);
std::string rollback_summary(const std::string& user, std::int64_t target);
std::string promotion_summary(const std::string& user, std::int64_t canary);
// What `next` changes compared with the newest existing release.
std::string change_summary(const ReleaseBundle& previous, const ReleaseBundle& next);

}  // namespace deis::controller
