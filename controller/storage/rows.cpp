#include "controller/storage/rows.h"

namespace deis::controller::storage {

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

Config to_config(const pg::Row& row, int at) {
  return Config{
      .uuid = row.get<std::string>(at),
      .app = row.get<std::string>(at + 1),
      .owner = row.get<std::string>(at + 2),
      .values = row.get<StringMap>(at + 3),
      .memory = row.get<StringMap>(at + 4),
      .cpu = row.get<std::map<std::string, int>>(at + 5),
      .tags = row.get<StringMap>(at + 6),
      .created = row.get<SystemTime>(at + 7),
      .updated = row.get<SystemTime>(at + 8)};
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

ReleaseBundle to_bundle(const pg::Row& row, int at) {
  const int config = at + kReleaseColumns, build = config + kConfigColumns;
  ReleaseBundle bundle{
      .release = to_release(row, at), .config = to_config(row, config), .build = std::nullopt};
  if (!row.is_null(build)) bundle.build = to_build(row, build);
  return bundle;
}

}  // namespace deis::controller::storage
