#include "controller/storage/rows.h"

#include "controller/storage/secrets.h"
#include "core/base/error.h"
#include "core/base/text.h"
#include "core/json/json.h"

namespace deis::controller::storage {

User to_user(const pg::Row& row) {
  User user{
      .id = row.get<std::int64_t>(0),
      .username = UserName::parse(row.get<std::string>(1)),
      .password_hash = row.get<std::string>(2),
      .email = row.get<std::string>(3),
      .first_name = row.get<std::string>(4),
      .last_name = row.get<std::string>(5),
      .is_superuser = row.get<bool>(6),
      .is_active = row.get<bool>(7),
      .date_joined = row.get<SystemTime>(8),
      .last_login = row.get<SystemTime>(9)};
  const auto groups = row.get<std::string>(10);
  if (groups.empty()) return user;
  for (const std::string_view group : split(groups, '\n')) user.groups.emplace_back(group);
  return user;
}

App to_app(const pg::Row& row) {
  return App{
      .uuid = row.get<std::string>(0),
      .id = AppId::parse(row.get<std::string>(1)),
      .owner = row.get<std::string>(2),
      .structure = row.get<std::map<std::string, int>>(3),
      .created = row.get<SystemTime>(4),
      .updated = row.get<SystemTime>(5)};
}

Container to_container(const pg::Row& row) {
  return Container{
      .uuid = row.get<std::string>(0),
      .app = row.get<std::string>(1),
      .owner = row.get<std::string>(2),
      .type = row.get<std::string>(3),
      .num = row.get<int>(4),
      .release = row.get<std::int64_t>(5),
      .created = row.get<SystemTime>(6),
      .updated = row.get<SystemTime>(7)};
}

Config to_config(const Vault& vault, const pg::Row& row, int at) {
  Config config{
      .uuid = row.get<std::string>(at),
      .app = row.get<std::string>(at + 1),
      .owner = row.get<std::string>(at + 2),
      .memory = row.get<StringMap>(at + 5),
      .cpu = row.get<std::map<std::string, int>>(at + 6),
      .tags = row.get<StringMap>(at + 7),
      .pids = row.get<std::map<std::string, int>>(at + 10),
      .created = row.get<SystemTime>(at + 8),
      .updated = row.get<SystemTime>(at + 9)};
  const Sealed sealed{.key = row.get<std::string>(at + 4), .text = row.get<std::string>(at + 3)};
  config.values =
      json::from<StringMap>(json::parse(vault.open(config_place(config.app, config.uuid), sealed)));
  return config;
}

Build to_build(const pg::Row& row, int at) {
  return Build{
      .uuid = row.get<std::string>(at),
      .app = row.get<std::string>(at + 1),
      .owner = row.get<std::string>(at + 2),
      .image = row.get<std::string>(at + 3),
      .sha = row.get<std::string>(at + 4),
      .procfile = row.get<StringMap>(at + 5),
      .dockerfile = row.get<std::string>(at + 6),
      .created = row.get<SystemTime>(at + 7),
      .updated = row.get<SystemTime>(at + 8)};
}

Release to_release(const pg::Row& row, int at) {
  return Release{
      .uuid = row.get<std::string>(at),
      .app = row.get<std::string>(at + 1),
      .owner = row.get<std::string>(at + 2),
      .version = row.get<std::int64_t>(at + 3),
      .summary = row.get<std::string>(at + 4),
      .config_uuid = row.get<std::string>(at + 5),
      .build_uuid = row.get<std::optional<std::string>>(at + 6),
      .created = row.get<SystemTime>(at + 7),
      .updated = row.get<SystemTime>(at + 8)};
}

ReleaseBundle to_bundle(const Vault& vault, const pg::Row& row, int at) {
  const int config = at + kReleaseColumns, build = config + kConfigColumns;
  ReleaseBundle bundle{
      .release = to_release(row, at), .config = to_config(vault, row, config), .build = std::nullopt};
  // A config opens only as its app's own; what points to another app's was not written by us.
  if (bundle.config.app != bundle.release.app) {
    throw Error(ErrorCode::internal, "a release of " + bundle.release.app + " has the config of another app");
  }
  if (!row.is_null(build)) bundle.build = to_build(row, build);
  return bundle;
}

}  // namespace deis::controller::storage
