#pragma once
// Rows of the tables that several repositories read: columns in order, and how to read them. Internal to the
// repositories.

#include "controller/domain/model.h"
#include "controller/storage/pg/result.h"
#include "controller/vault/vault.h"

namespace deis::controller::storage {

#define USER_COLUMNS(t)                                                                      \
  t "id, " t "username, " t "password_hash, " t "email, " t "first_name, " t "last_name, " t \
    "is_superuser, " t "is_active, " t "date_joined, " t "last_login, array_to_string(" t "groups, E'\\n')"
#define APP_COLUMNS(t) t "uuid, " t "id, " t "owner, " t "structure, " t "created, " t "updated"
#define CONFIG_COLUMNS(t)                                                                                  \
  t "uuid, " t "app, " t "owner, " t "sealed_values, " t "sealed_by, " t "memory, " t "cpu, " t "tags, " t \
    "created, " t "updated, " t "pids"
#define BUILD_COLUMNS(t)                                                                                 \
  t "uuid, " t "app, " t "owner, " t "image, " t "sha, " t "procfile, " t "dockerfile, " t "created, " t \
    "updated"
#define RELEASE_COLUMNS(t)                                                                              \
  t "uuid, " t "app, " t "owner, " t "version, " t "summary, " t "config, " t "build, " t "created, " t \
    "updated"
#define CONTAINER_COLUMNS(t) \
  t "uuid, " t "app, " t "owner, " t "type, " t "num, " t "release, " t "created, " t "updated"

inline constexpr int kUserColumns = 11;
inline constexpr int kConfigColumns = 11, kBuildColumns = 9, kReleaseColumns = 9;

User to_user(const pg::Row& row);
App to_app(const pg::Row& row);
Container to_container(const pg::Row& row);
// `at`: the first of the table's columns.
Config to_config(const Vault& vault, const pg::Row& row, int at);
Build to_build(const pg::Row& row, int at);
Release to_release(const pg::Row& row, int at);
// RELEASE_COLUMNS, CONFIG_COLUMNS and BUILD_COLUMNS in this order; the build may be NULL.
ReleaseBundle to_bundle(const Vault& vault, const pg::Row& row, int at);

}  // namespace deis::controller::storage
