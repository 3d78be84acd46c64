#pragma once
// What was deployed: configs (immutable), builds, releases, and pushes as audit records.

#include "controller/domain/model.h"
#include "controller/domain/page.h"
#include "controller/storage/pg/database.h"

namespace deis::controller::storage {

struct NewConfig {
  std::string app, owner;
  StringMap values, memory;
  std::map<std::string, int> cpu;
  StringMap tags;
  std::map<std::string, int> pids;
};
Task<Config> create_config(pg::Session& db, NewConfig config);
Task<std::optional<Config>> find_config(pg::Session& db, std::string uuid);

struct NewBuild {
  std::string app, owner, image, sha;
  StringMap procfile;
  std::string dockerfile;
};
Task<Build> create_build(pg::Session& db, NewBuild build);
Task<std::optional<Build>> find_build(
    pg::Session& db, std::string app, std::string uuid);  // Only of this app; a malformed uuid is absent
Task<Page<Build>> list_builds(pg::Session& db, std::string app, PageRequest page);  // newest first

struct NewRelease {
  std::string app, owner, summary, config_uuid;
  std::optional<std::string> build_uuid;
  bool held = false;  // not rolled out: the live release stays the live one
};
// Number = newest + 1. Call it in a transaction that holds lock_app().
Task<Release> create_release(pg::Session& db, NewRelease release);
Task<> delete_release(pg::Session& db, std::string app, std::int64_t version);
Task<std::optional<Release>> find_release(pg::Session& db, std::string app, std::int64_t version);
// The newest whose build is of this commit.
Task<std::optional<Release>> find_release_of(pg::Session& db, std::string app, std::string sha);
Task<Page<Release>> list_releases(pg::Session& db, std::string app, PageRequest page);  // newest first
// The newest number, held ones included; 0 when there is none.
Task<std::int64_t> newest_version(pg::Session& db, std::string app);
// The newest release below `version` that was live; 0 when there is none.
Task<std::int64_t> live_version_before(pg::Session& db, std::string app, std::int64_t version);
// The release with its config and build; the live one when no version is given: the newest that is not held.
Task<std::optional<ReleaseBundle>> find_bundle(
    pg::Session& db, std::string app, std::optional<std::int64_t> version);

Task<Push> create_push(pg::Session& db, Push push);  // uuid and times are filled in

}  // namespace deis::controller::storage
