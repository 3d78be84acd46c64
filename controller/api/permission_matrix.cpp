#include "controller/api/permission_matrix.h"

namespace deis::controller::api {
namespace {

// --- the contract's words for "who" -----------------------------------------------------------------

constexpr Statuses kNobodysApp{401, 404, 404, 404, 404, 401};

constexpr Expected anyone(int ok) {
  return {{ok, ok, ok, ok, ok, ok}};
}
constexpr Expected user(int ok) {
  return {{401, ok, ok, ok, ok, 401}};
}
constexpr Expected admin(int ok) {
  return {{401, 403, 403, 403, ok, 401}};
}
// Of a user whom the request names.
constexpr Expected admin_on(int ok) {
  return {{401, 403, 403, 403, ok, 401}, {401, 403, 403, 403, ok, 401}, {401, 403, 403, 403, 404, 401}};
}
// One's own account, or any as administrator.
constexpr Expected himself_or_admin(int own, int foreign) {
  return {{401, own, own, own, own, 401}, {401, 403, 403, 403, foreign, 401}, {401, 403, 403, 403, 404, 401}};
}
constexpr Expected member(int ok) {
  return {{401, ok, ok, ok, ok, 401}, {401, 403, 403, 403, ok, 401}, kNobodysApp};
}
constexpr Expected owner(int ok) {
  return {{401, ok, 403, ok, ok, 401}, {401, 403, 403, 403, ok, 401}, kNobodysApp};
}
// Things that nobody else sees, administrators included.
constexpr Expected self(int ok) {
  return {{401, ok, ok, ok, ok, 401}, {401, 404, 404, 404, 404, 401}, {401, 404, 404, 404, 404, 401}};
}
// For bob, who may use "shop" only.
constexpr Expected builder(int ok) {
  return {{401, 403, 403, 403, 403, ok}, {401, 403, 403, 403, 403, 403}, {401, 403, 403, 403, 403, 404}};
}
constexpr Expected builder_alone(int ok, int absent) {
  return {{401, 403, 403, 403, 403, ok}, {401, 403, 403, 403, 403, ok}, {401, 403, 403, 403, 403, absent}};
}

// --- the table --------------------------------------------------------------------------------------

constexpr auto kMatrixSecret = R"({"username":"$object","password":"secret","new_password":"secret"})";
constexpr auto kNamed = R"({"username":"$object"})";
constexpr auto kZed = R"({"username":"zed"})";
constexpr auto kAccount = R"({"username":"zed","password":"secret"})";
constexpr auto kKey = R"({"id":"key-$caller","public":"$key"})";
constexpr auto kMatrixBuild =
    R"({"image":"shop","sha":"12345678abc","dockerfile":"true","procfile":{"web":"serve","worker":"work"}})";
constexpr auto kPush =
    R"({"receive_user":"bob","receive_repo":"$object","sha":"abcdef01","fingerprint":"0f:a2","ssh_connection":"c","ssh_original_command":"git-receive-pack"})";
constexpr auto kPushed =
    R"({"receive_user":"bob","receive_repo":"$object","sha":"abcdef01","image":"shop","dockerfile":"true","procfile":{"web":"serve","worker":"work"}})";
constexpr auto kReceive = R"({"receive_user":"bob","receive_repo":"$object"})";

void add_accounts(std::vector<Entry>& table) {
  const std::vector<Step> zed = {{"root", "POST", "/v1/auth/register", kAccount}};
  const std::vector<Step> token = {
      {"$caller", "POST", "/v1/tokens", R"({"name":"one","scopes":["read"]})"},
      {"zoe", "POST", "/v1/tokens", R"({"name":"one","scopes":["read"]})"}};
  const std::vector<Step> ann = {{"root", "POST", "/v1/admin/perms", R"({"username":"ann"})"}};
  table.insert(
      table.end(),
      {
          {"GET", "/v1", kNothing, "/v1", "", user(200)},
          {"GET", "/v1/openapi.json", kNothing, "/v1/openapi.json", "", anyone(200)},
          {"POST",
           "/v1/auth/register",
           kNothing,
           "/v1/auth/register",
           R"({"username":"$fresh","password":"x"})",
           anyone(201)},
          {"POST",
           "/v1/auth/login",
           kNothing,
           "/v1/auth/login",
           R"({"username":"bob","password":"secret"})",
           anyone(200)},
          // Everybody in the table owns an app.
          {"DELETE", "/v1/auth/cancel", kUsers, "/v1/auth/cancel", kNamed, himself_or_admin(409, 204), zed},
          {"POST",
           "/v1/auth/passwd",
           kUsers,
           "/v1/auth/passwd",
           kMatrixSecret,
           himself_or_admin(200, 200),
           zed},
          {"POST", "/v1/auth/tokens", kNothing, "/v1/auth/tokens", "", user(200)},
          {"POST", "/v1/auth/tokens", kUsers, "/v1/auth/tokens", kNamed, admin_on(200), zed},
          {"GET", "/v1/tokens", kNothing, "/v1/tokens", "", user(200)},
          {"POST", "/v1/tokens", kNothing, "/v1/tokens", R"({"name":"$fresh","scopes":["read"]})", user(201)},
          {"DELETE",
           "/v1/tokens/{id}",
           kTokens,
           "/v1/tokens/$value",
           "",
           self(204),
           token,
           {"$holder", "/v1/tokens", "/results/0/id"}},
          {"GET", "/v1/audit", kNothing, "/v1/audit", "", admin(200)},
          {"GET", "/v1/users", kNothing, "/v1/users", "", admin(200)},
          {"GET", "/v1/admin/perms", kNothing, "/v1/admin/perms", "", admin(200)},
          {"POST", "/v1/admin/perms", kUsers, "/v1/admin/perms", kNamed, admin_on(201), zed},
          {"DELETE", "/v1/admin/perms/{username}", kUsers, "/v1/admin/perms/$object", "", admin_on(204), ann},
      });
}

void add_keys(std::vector<Entry>& table) {
  const std::vector<Step> key = {
      {"$caller", "POST", "/v1/keys", kKey},
      {"zoe", "POST", "/v1/keys", R"({"id":"key-zoe","public":"$key"})"}};
  table.insert(
      table.end(),
      {
          {"GET", "/v1/keys", kNothing, "/v1/keys", "", user(200)},
          {"POST", "/v1/keys", kNothing, "/v1/keys", R"({"id":"$fresh","public":"$key"})", user(201)},
          {"GET", "/v1/keys/{id...}", kKeys, "/v1/keys/$object", "", self(200), key},
          {"DELETE", "/v1/keys/{id...}", kKeys, "/v1/keys/$object", "", self(204), key},
      });
}

void add_certs(std::vector<Entry>& table) {
  const std::vector<Step> cert = {
      {"$caller", "POST", "/v1/certs", R"({$cert,"common_name":"$caller.example.com"})"},
      {"zoe", "POST", "/v1/certs", R"({$cert,"common_name":"zoe.example.com"})"}};
  table.insert(
      table.end(),
      {
          {"GET", "/v1/certs", kNothing, "/v1/certs", "", user(200)},
          {"POST",
           "/v1/certs",
           kNothing,
           "/v1/certs",
           R"({$cert,"common_name":"$fresh.example.com"})",
           user(201)},
          {"GET", "/v1/certs/{name}", kCerts, "/v1/certs/$object", "", self(200), cert},
          {"DELETE", "/v1/certs/{name}", kCerts, "/v1/certs/$object", "", self(204), cert},
      });
}

void add_auto_certs(std::vector<Entry>& table) {
  const std::vector<Step> domain = {
      {"$owner", "POST", "/v1/apps/$object/domains", R"({"domain":"$object.example.com"})"}};
  const std::vector<Step> wanted = {
      {"$owner", "POST", "/v1/apps/$object/domains", R"({"domain":"$object.example.com"})"},
      {"$owner", "POST", "/v1/apps/$object/certs/auto", R"({"domain":"$object.example.com"})"}};
  table.insert(
      table.end(),
      {
          {"GET", "/v1/apps/{app}/certs/auto", kApps, "/v1/apps/$object/certs/auto", "", member(200)},
          {"POST",
           "/v1/apps/{app}/certs/auto",
           kApps,
           "/v1/apps/$object/certs/auto",
           R"({"domain":"$object.example.com"})",
           member(201),
           domain},
          {"DELETE",
           "/v1/apps/{app}/certs/auto/{domain}",
           kApps,
           "/v1/apps/$object/certs/auto/$object.example.com",
           "",
           member(204),
           wanted},
      });
}

void add_apps(std::vector<Entry>& table) {
  table.insert(
      table.end(),
      {
          {"GET", "/v1/apps", kNothing, "/v1/apps", "", user(200)},
          {"POST", "/v1/apps", kNothing, "/v1/apps", R"({"id":"app-$fresh"})", user(201)},
          {"GET", "/v1/apps/{app}", kApps, "/v1/apps/$object", "", member(200)},
          {"POST", "/v1/apps/{app}", kApps, "/v1/apps/$object", "", member(200)},
          {"POST", "/v1/apps/{app}", kApps, "/v1/apps/$object", R"({"owner":"$owner"})", owner(200)},
          {"GET", "/v1/apps/{app}/audit", kApps, "/v1/apps/$object/audit", "", member(200)},
          {"GET", "/v1/apps/{app}/logs", kApps, "/v1/apps/$object/logs", "", member(204)},
          {"GET", "/v1/apps/{app}/events", kApps, "/v1/apps/$object/events", "", member(200)},
          {"GET", "/v1/apps/{app}/run/{session}", kApps, "/v1/apps/$object/run/none", "", member(404)},
          {"POST", "/v1/apps/{app}/run", kApps, "/v1/apps/$object/run", R"({"command":"ls"})", member(200)},
      });
}

void add_policy(std::vector<Entry>& table) {
  constexpr auto check = R"({"web":{"failures":5}})";
  constexpr auto mode = R"({"enabled":true})";
  constexpr auto list = R"({"addresses":["10.0.0.0/8"]})";
  constexpr auto routing = R"({"balance":"least-requests"})";
  constexpr auto limits = R"({"web":{"pids":100}})";
  table.insert(
      table.end(),
      {
          {"GET", "/v1/apps/{app}/healthchecks", kApps, "/v1/apps/$object/healthchecks", "", member(200)},
          {"POST", "/v1/apps/{app}/healthchecks", kApps, "/v1/apps/$object/healthchecks", check, member(201)},
          {"GET", "/v1/apps/{app}/maintenance", kApps, "/v1/apps/$object/maintenance", "", member(200)},
          {"POST", "/v1/apps/{app}/maintenance", kApps, "/v1/apps/$object/maintenance", mode, member(201)},
          {"GET", "/v1/apps/{app}/allowlist", kApps, "/v1/apps/$object/allowlist", "", member(200)},
          {"POST", "/v1/apps/{app}/allowlist", kApps, "/v1/apps/$object/allowlist", list, member(201)},
          {"GET", "/v1/apps/{app}/routes", kApps, "/v1/apps/$object/routes", "", member(200)},
          {"POST", "/v1/apps/{app}/routes", kApps, "/v1/apps/$object/routes", routing, member(201)},
          {"GET", "/v1/apps/{app}/limits", kApps, "/v1/apps/$object/limits", "", member(200)},
          {"POST", "/v1/apps/{app}/limits", kApps, "/v1/apps/$object/limits", limits, member(201)},
      });
}

void add_releases(std::vector<Entry>& table) {
  table.insert(
      table.end(),
      {
          {"GET", "/v1/apps/{app}/config", kApps, "/v1/apps/$object/config", "", member(200)},
          {"POST",
           "/v1/apps/{app}/config",
           kApps,
           "/v1/apps/$object/config",
           R"({"values":{"A":"1"}})",
           member(201)},
          {"GET", "/v1/apps/{app}/builds", kApps, "/v1/apps/$object/builds", "", member(200)},
          {"POST", "/v1/apps/{app}/builds", kApps, "/v1/apps/$object/builds", kMatrixBuild, member(201)},
          {"GET",
           "/v1/apps/{app}/builds/{uuid}",
           kApps,
           "/v1/apps/$object/builds/$value",
           "",
           member(200),
           {},
           {"root", "/v1/apps/$object/builds", "/results/0/uuid"}},
          {"GET", "/v1/apps/{app}/releases", kApps, "/v1/apps/$object/releases", "", member(200)},
          {"GET",
           "/v1/apps/{app}/releases/{version}/config",
           kApps,
           "/v1/apps/$object/releases/v1/config",
           "",
           member(200)},
          {"GET",
           "/v1/apps/{app}/releases/{version}",
           kApps,
           "/v1/apps/$object/releases/v1",
           "",
           member(200)},
          {"POST",
           "/v1/apps/{app}/releases/rollback",
           kApps,
           "/v1/apps/$object/releases/rollback",
           R"({"version":2})",
           member(201)},
      });
}

// Of a host; of others' it is not even told that there is one.
constexpr Expected kTraced{
    {401, 200, 200, 200, 200, 401}, {401, 404, 404, 404, 200, 401}, {401, 404, 404, 404, 404, 401}};

// While a canary is on there are no other releases: after everything that makes some.
void add_canary(std::vector<Entry>& table) {
  constexpr auto canary = R"({"release":2,"weight":10})";
  const std::vector<Step> two_releases = {{"$owner", "POST", "/v1/apps/$object/builds", kMatrixBuild}};
  const std::vector<Step> on = {
      {"$owner", "POST", "/v1/apps/$object/builds", kMatrixBuild},
      {"$owner", "POST", "/v1/apps/$object/canary", canary}};
  table.insert(
      table.end(),
      {
          {"GET", "/v1/apps/{app}/canary", kApps, "/v1/apps/$object/canary", "", member(200)},
          {"POST",
           "/v1/apps/{app}/canary",
           kApps,
           "/v1/apps/$object/canary",
           canary,
           member(201),
           two_releases},
          {"POST",
           "/v1/apps/{app}/canary/promote",
           kApps,
           "/v1/apps/$object/canary/promote",
           "",
           member(201),
           on},
          {"DELETE", "/v1/apps/{app}/canary", kApps, "/v1/apps/$object/canary", "", member(204), on},
          {"GET", "/v1/routes", kApps, "/v1/routes?host=$object.example.com", "", kTraced},
      });
}

void add_containers(std::vector<Entry>& table) {
  table.insert(
      table.end(),
      {
          {"POST", "/v1/apps/{app}/scale", kApps, "/v1/apps/$object/scale", R"({"web":1})", member(204)},
          {"GET", "/v1/apps/{app}/containers", kApps, "/v1/apps/$object/containers", "", member(200)},
          {"GET", "/v1/apps/{app}/processes", kApps, "/v1/apps/$object/processes", "", member(200)},
          {"GET",
           "/v1/apps/{app}/containers/{type}",
           kApps,
           "/v1/apps/$object/containers/web",
           "",
           member(200)},
          {"GET",
           "/v1/apps/{app}/containers/{type}/{num}",
           kApps,
           "/v1/apps/$object/containers/web/1",
           "",
           member(200)},
          {"POST",
           "/v1/apps/{app}/containers/restart",
           kApps,
           "/v1/apps/$object/containers/restart",
           "",
           member(200)},
          {"POST",
           "/v1/apps/{app}/containers/{type}/restart",
           kApps,
           "/v1/apps/$object/containers/web/restart",
           "",
           member(200)},
          {"POST",
           "/v1/apps/{app}/containers/{type}/{num}/restart",
           kApps,
           "/v1/apps/$object/containers/web/1/restart",
           "",
           member(200)},
      });
}

void add_domains_and_perms(std::vector<Entry>& table) {
  const std::vector<Step> domain = {
      {"$owner", "POST", "/v1/apps/$object/domains", R"({"domain":"$object.example.com"})"}};
  const std::vector<Step> zed = {
      {"root", "POST", "/v1/auth/register", kAccount}, {"$owner", "POST", "/v1/apps/$object/perms", kZed}};
  const std::vector<Step> joe = {{"bob", "POST", "/v1/apps/shop/perms", R"({"username":"joe"})"}};
  table.insert(
      table.end(),
      {
          {"GET", "/v1/apps/{app}/domains", kApps, "/v1/apps/$object/domains", "", member(200)},
          {"POST",
           "/v1/apps/{app}/domains",
           kApps,
           "/v1/apps/$object/domains",
           R"({"domain":"$fresh.example.com"})",
           member(201)},
          {"DELETE",
           "/v1/apps/{app}/domains/{domain}",
           kApps,
           "/v1/apps/$object/domains/$object.example.com",
           "",
           owner(204),
           domain},
          {"GET", "/v1/apps/{app}/perms", kApps, "/v1/apps/$object/perms", "", member(200)},
          {"POST", "/v1/apps/{app}/perms", kApps, "/v1/apps/$object/perms", kZed, owner(201), zed},
          {"DELETE",
           "/v1/apps/{app}/perms/{username}",
           kApps,
           "/v1/apps/$object/perms/zed",
           "",
           owner(204),
           zed},
          // One's own grant may be given back; who has none gets 403.
          {"DELETE",
           "/v1/apps/{app}/perms/{username}",
           kApps,
           "/v1/apps/$object/perms/$caller",
           "",
           {{401, 403, 204, 403, 403, 401}, {401, 403, 403, 403, 403, 401}, kNobodysApp},
           joe},
      });
}

void add_hooks(std::vector<Entry>& table) {
  table.insert(
      table.end(),
      {
          {"GET", "/v1/hooks/apps/{id}", kApps, "/v1/hooks/apps/$object", "", builder_alone(200, 404)},
          {"POST", "/v1/hooks/key", kNothing, "/v1/hooks/key", R"({"public":"$key"})", builder_alone(404, 0)},
          {"POST", "/v1/hooks/push", kApps, "/v1/hooks/push", kPush, builder(201)},
          {"POST", "/v1/hooks/build", kApps, "/v1/hooks/build", kPushed, builder(200)},
          {"POST", "/v1/hooks/builds", kApps, "/v1/hooks/builds", kPushed, builder(200)},
          {"POST", "/v1/hooks/config", kApps, "/v1/hooks/config", kReceive, builder(200)},
      });
}

std::vector<Entry> make_table() {
  std::vector<Entry> table;
  add_accounts(table);
  add_keys(table);
  add_certs(table);
  add_auto_certs(table);
  add_apps(table);
  add_releases(table);
  add_policy(table);
  add_containers(table);
  add_domains_and_perms(table);
  add_hooks(table);
  add_canary(table);
  // Last, because it takes the apps away.
  table.push_back({"DELETE", "/v1/apps/{app}", kApps, "/v1/apps/$object", "", owner(204)});
  return table;
}

}  // namespace

const std::vector<Entry>& permission_matrix() {
  static const std::vector<Entry> table = make_table();
  return table;
}

}  // namespace deis::controller::api
