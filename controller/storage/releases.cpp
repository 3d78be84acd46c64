#include "controller/storage/releases.h"

#include "controller/storage/paging.h"
#include "controller/storage/rows.h"
#include "controller/storage/secrets.h"
#include "core/base/random.h"
#include "core/json/json.h"

namespace deis::controller::storage {
namespace {

constexpr auto kInsertConfig =
    "INSERT INTO configs (uuid, app, owner, sealed_values, sealed_by, memory, cpu, tags, pids) "
    "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) "
    "RETURNING " CONFIG_COLUMNS("");
constexpr auto kFindConfig = "SELECT " CONFIG_COLUMNS("") " FROM configs WHERE uuid = $1";
constexpr auto kInsertBuild =
    "INSERT INTO builds (app, owner, image, sha, procfile, dockerfile) VALUES ($1, $2, $3, $4, $5, $6) "
    "RETURNING " BUILD_COLUMNS("");
// As text, so that a malformed uuid is simply not found.
constexpr auto kFindBuild = "SELECT " BUILD_COLUMNS("") " FROM builds WHERE app = $1 AND uuid::text = $2";
constexpr auto kListBuilds = LIST_PAGE(BUILD_COLUMNS(""), "builds WHERE app = $1", "seq DESC", "$2", "$3");
constexpr auto kInsertRelease =
    "INSERT INTO releases (app, owner, version, summary, config, build, held) "
    "SELECT $1, $2, coalesce(max(version), 0) + 1, $3, $4::uuid, $5::uuid, $6 FROM releases WHERE app = $1 "
    "RETURNING " RELEASE_COLUMNS("");
constexpr auto kDeleteRelease = "DELETE FROM releases WHERE app = $1 AND version = $2";
constexpr auto kFindRelease = "SELECT " RELEASE_COLUMNS("") " FROM releases WHERE app = $1 AND version = $2";
constexpr auto kFindReleaseOf =
    "SELECT " RELEASE_COLUMNS("r.") " FROM releases r JOIN builds b ON b.uuid = r.build "
    "WHERE r.app = $1 AND b.sha = $2 ORDER BY r.version DESC LIMIT 1";
constexpr auto kListReleases =
    LIST_PAGE(RELEASE_COLUMNS(""), "releases WHERE app = $1", "version DESC", "$2", "$3");
#define BUNDLE \
  "SELECT " RELEASE_COLUMNS("r.") ", " CONFIG_COLUMNS("c.") ", " BUILD_COLUMNS("b.") \
  " FROM releases r JOIN configs c ON c.uuid = r.config LEFT JOIN builds b ON b.uuid = r.build WHERE r.app = $1 AND r.version = "
constexpr auto kBundle = BUNDLE "$2";
// One look at the end of the index, however many releases the app has.
constexpr auto kLiveBundle = BUNDLE "(SELECT max(version) FROM releases WHERE app = $1 AND NOT held)";
constexpr auto kNewest = "SELECT coalesce(max(version), 0) FROM releases WHERE app = $1";
constexpr auto kLiveBefore =
    "SELECT coalesce(max(version), 0) FROM releases WHERE app = $1 AND version < $2 AND NOT held";
constexpr auto kInsertPush =
    "INSERT INTO pushes (app, owner, sha, fingerprint, receive_user, receive_repo, ssh_connection, "
    "ssh_original_command) "
    "VALUES ($1, $2, $3, $4, $5, $6, $7, $8) RETURNING uuid, created, updated";

Build read_build(const pg::Row& row) {
  return to_build(row, 0);
}
Release read_release(const pg::Row& row) {
  return to_release(row, 0);
}

template <typename T>
std::optional<T> first(const pg::Result& result, T (*read)(const pg::Row&)) {
  if (result.empty()) return std::nullopt;
  return read(result[0]);
}

}  // namespace

Task<Config> create_config(pg::Session& db, NewConfig config) {
  const std::string uuid = random_uuid();
  const std::string text = json::to_string(config.values);
  const Sealed sealed = db.vault().seal(config_place(config.app, uuid), text);
  pg::Params values = pg::params(
      uuid,
      config.app,
      config.owner,
      sealed.text,
      sealed.key,
      config.memory,
      config.cpu,
      config.tags,
      config.pids);
  const pg::Result result = co_await db.query(kInsertConfig, std::move(values));
  co_return to_config(db.vault(), result[0], 0);
}

Task<std::optional<Config>> find_config(pg::Session& db, std::string uuid) {
  const pg::Result result = co_await db.query(kFindConfig, pg::params(uuid));
  if (result.empty()) co_return std::nullopt;
  co_return to_config(db.vault(), result[0], 0);
}

Task<Build> create_build(pg::Session& db, NewBuild build) {
  pg::Params values =
      pg::params(build.app, build.owner, build.image, build.sha, build.procfile, build.dockerfile);
  const pg::Result result = co_await db.query(kInsertBuild, std::move(values));
  co_return read_build(result[0]);
}

Task<std::optional<Build>> find_build(pg::Session& db, std::string app, std::string uuid) {
  const pg::Result result = co_await db.query(kFindBuild, pg::params(app, uuid));
  co_return first(result, read_build);
}

Task<Page<Build>> list_builds(pg::Session& db, std::string app, PageRequest page) {
  return list_page<Build>(db, kListBuilds, pg::params(app), page, read_build);
}

Task<Release> create_release(pg::Session& db, NewRelease release) {
  pg::Params values = pg::params(
      release.app, release.owner, release.summary, release.config_uuid, release.build_uuid, release.held);
  const pg::Result result = co_await db.query(kInsertRelease, std::move(values));
  co_return read_release(result[0]);
}

Task<> delete_release(pg::Session& db, std::string app, std::int64_t version) {
  co_await db.query(kDeleteRelease, pg::params(app, version));
}

Task<std::optional<Release>> find_release(pg::Session& db, std::string app, std::int64_t version) {
  const pg::Result result = co_await db.query(kFindRelease, pg::params(app, version));
  co_return first(result, read_release);
}

Task<std::optional<Release>> find_release_of(pg::Session& db, std::string app, std::string sha) {
  const pg::Result result = co_await db.query(kFindReleaseOf, pg::params(app, sha));
  co_return first(result, read_release);
}

Task<Page<Release>> list_releases(pg::Session& db, std::string app, PageRequest page) {
  return list_page<Release>(db, kListReleases, pg::params(app), page, read_release);
}

Task<std::int64_t> newest_version(pg::Session& db, std::string app) {
  const pg::Result result = co_await db.query(kNewest, pg::params(app));
  co_return result[0].get<std::int64_t>(0);
}

Task<std::int64_t> live_version_before(pg::Session& db, std::string app, std::int64_t version) {
  const pg::Result result = co_await db.query(kLiveBefore, pg::params(app, version));
  co_return result[0].get<std::int64_t>(0);
}

Task<std::optional<ReleaseBundle>> find_bundle(
    pg::Session& db, std::string app, std::optional<std::int64_t> version) {
  pg::Params values = pg::params(app);
  if (version) values.push_back(pg::param(*version));
  const pg::Result result = co_await db.query(version ? kBundle : kLiveBundle, std::move(values));
  if (result.empty()) co_return std::nullopt;
  co_return to_bundle(db.vault(), result[0], 0);
}

Task<Push> create_push(pg::Session& db, Push push) {
  pg::Params values = pg::params(
      push.app,
      push.owner,
      push.sha,
      push.fingerprint,
      push.receive_user,
      push.receive_repo,
      push.ssh_connection,
      push.ssh_original_command);
  const pg::Result result = co_await db.query(kInsertPush, std::move(values));
  push.uuid = result[0].get<std::string>(0);
  push.created = result[0].get<SystemTime>(1);
  push.updated = result[0].get<SystemTime>(2);
  co_return push;
}

}  // namespace deis::controller::storage
