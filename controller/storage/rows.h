#pragma once
// Rows of the tables that several repositories read: columns in order, and how to read them. Internal to the
// repositories.

#include "controller/domain/model.h"
#include "controller/storage/pg/result.h"

namespace deis::controller::storage {

#define APP_COLUMNS(t) t "uuid, " t "id, " t "owner, " t "structure, " t "created, " t "updated"
#define CONFIG_COLUMNS(t) \
  t "uuid, " t "app, " t "owner, " t "values, " t "memory, " t "cpu, " t "tags, " t "created, " t "updated"
#define BUILD_COLUMNS(t)                                                                                 \
  t "uuid, " t "app, " t "owner, " t "image, " t "sha, " t "procfile, " t "dockerfile, " t "created, " t \
    "updated"
#define RELEASE_COLUMNS(t)                                                                              \
  t "uuid, " t "app, " t "owner, " t "version, " t "summary, " t "config, " t "build, " t "created, " t \
    "updated"
#define CONTAINER_COLUMNS(t) \
  t "uuid, " t "app, " t "owner, " t "type, " t "num, " t "release, " t "created, " t "updated"

inline constexpr int kConfigColumns = 9, kBuildColumns = 9, kReleaseColumns = 9;

App to_app(const pg::Row& row);
Container to_container(const pg::Row& row);
// `at`: the first of the table's columns.
Config to_config(const pg::Row& row, int at);
Build to_build(const pg::Row& row, int at);
Release to_release(const pg::Row& row, int at);
// RELEASE_COLUMNS, CONFIG_COLUMNS and BUILD_COLUMNS in this order; the build may be NULL.
ReleaseBundle to_bundle(const pg::Row& row, int at);

}  // namespace deis::controller::storage
