// Asks the whole table of permission_matrix.h over HTTP.

#include "controller/api/api_fixture.h"
#include "controller/api/permission_matrix.h"
#include "controller/api/routes.h"
#include "controller/domain/certificate_fixture.h"
#include "core/base/random.h"
#include "core/base/text.h"
#include "core/json/json.h"

#include <fmt/format.h>

#include <map>
#include <set>

namespace deis::controller::api {
namespace {

constexpr std::array<const char*, 6> kCallers = {"", "eve", "joe", "bob", "ann", "builder"};
constexpr std::array<const char*, 6> kRoles = {
    "anonymous", "stranger", "collaborator", "owner", "admin", "builder"};
enum class Kind { own, foreign, absent };
constexpr std::array<const char*, 3> kKinds = {"own", "foreign", "absent"};

const std::map<std::string, std::string> kAppOf = {
    {"eve", "eves-app"}, {"joe", "shop"}, {"bob", "shop"}, {"ann", "anns-app"}, {"zoe", "zoes-app"}};
const std::map<std::string, std::string> kOwnerOf = {
    {"shop", "bob"}, {"eves-app", "eve"}, {"joes-app", "joe"}, {"anns-app", "ann"}, {"zoes-app", "zoe"}};

std::string replace_all(std::string text, const std::string& what, const std::string& with) {
  for (std::size_t at = text.find(what); at != std::string::npos; at = text.find(what, at + with.size()))
    text.replace(at, what.size(), with);
  return text;
}

// An ed25519 key of random bytes.
std::string new_key() {
  const std::string random = random_hex(16);
  const std::string blob = std::string("\0\0\0\x0bssh-ed25519\0\0\0\x20", 19) + random;
  return "ssh-ed25519 " + base64_encode(blob);
}

// The same certificate for all: names are given.
std::string certificate_members() {
  static const test::MadeCertificate made(test::CertificateSpec{.common_name = "a.example.com"});
  json::object members;
  members["certificate"] = made.certificate();
  members["key"] = made.key();
  const std::string object = json::to_text(members);
  return object.substr(1, object.size() - 2);
}

// One question of the table.
struct Cell {
  std::string caller;  // "" and "builder" have no user
  Kind kind = Kind::own;
  std::string object, value;

  std::string user() const { return caller.empty() || caller == "builder" ? "bob" : caller; }
  std::string holder() const { return kind == Kind::foreign ? "zoe" : user(); }
  std::string owner() const {
    const auto found = kOwnerOf.find(object);
    return found == kOwnerOf.end() ? "bob" : found->second;
  }
};

std::string fill_in(std::string text, const Cell& cell) {
  text = replace_all(std::move(text), "$object", cell.object);
  text = replace_all(std::move(text), "$app", kAppOf.at(cell.user()));
  text = replace_all(std::move(text), "$caller", cell.user());
  text = replace_all(std::move(text), "$holder", cell.holder());
  text = replace_all(std::move(text), "$owner", cell.owner());
  text = replace_all(std::move(text), "$value", cell.value.empty() ? "none" : cell.value);
  text = replace_all(std::move(text), "$key", new_key());
  if (text.find("$cert") != std::string::npos)
    text = replace_all(std::move(text), "$cert", certificate_members());
  return replace_all(std::move(text), "$fresh", "x" + random_hex(6));
}

class World {
 public:
  explicit World(ApiFixture& api) : api_(api) {}

  // Users and apps, as far as they are not there.
  Task<> make() {
    for (const char* name : {"root", "ann", "bob", "joe", "eve", "zoe", "zed"}) co_await make_user(name);
    co_await api_.post(co_await token("root"), "/v1/admin/perms/", R"({"username":"ann"})");
    for (const auto& [app, owner] : kOwnerOf) co_await make_app(app, owner);
    co_await api_.post(co_await token("bob"), "/v1/apps/shop/perms/", R"({"username":"joe"})");
  }

  Task<std::string> token(std::string name) {
    std::string& known = tokens_[name];
    if (known.empty()) {
      const Answer login = co_await api_.post("", "/v1/auth/login", account(name));
      EXPECT_EQ(login.status, 200) << name << ": " << login.body;
      known = login.text("/token");
    }
    co_return known;
  }
  void forget_tokens() { tokens_.clear(); }

  Task<Answer> ask(std::string caller, std::string method, std::string path, std::string body) {
    net::Request request;
    request.method = std::move(method);
    request.target = std::move(path);
    request.body = std::move(body);
    request.headers.set("Content-Type", "application/json");
    if (caller == "builder") {
      request.headers.set("X-Deis-Builder-Auth", "builder-secret");
    } else if (!caller.empty()) {
      request.headers.set("Authorization", "token " + co_await token(caller));
    }
    co_return co_await api_.send_briefly(std::move(request));
  }

 private:
  static std::string account(const std::string& name) {
    return R"({"username":")" + name + R"(","password":"secret"})";
  }

  Task<> make_user(std::string name) {
    if (!known_.insert(name).second) co_return;
    const Answer answer = co_await api_.post("", "/v1/auth/register/", account(name));
    EXPECT_EQ(answer.status, 201) << answer.body;
  }

  Task<> make_app(std::string app, std::string owner) {
    const std::string by = co_await token(owner);
    const Answer there = co_await api_.get(by, "/v1/apps/" + app);
    if (there.status == 404) co_await api_.deployed_app(by, app);
  }

  ApiFixture& api_;
  std::map<std::string, std::string> tokens_;
  std::set<std::string> known_;
};

Cell cell_of(const Entry& entry, std::size_t caller, Kind kind) {
  Cell cell{.caller = kCallers[caller], .kind = kind, .object = "", .value = ""};
  const Objects& objects = entry.objects;
  const char* name = kind == Kind::own       ? objects.own
                     : kind == Kind::foreign ? objects.foreign
                                             : objects.absent;
  cell.object = fill_in(name, cell);
  return cell;
}

Task<Cell> prepared(World& world, const Entry& entry, Cell cell) {
  if (cell.kind == Kind::absent) co_return cell;
  for (const Step& step : entry.prepare) {
    const std::string user = fill_in(step.user, cell);
    co_await world.ask(user, step.method, fill_in(step.path, cell), fill_in(step.body, cell));
  }
  if (*entry.lookup.path) {
    const std::string user = fill_in(entry.lookup.user, cell);
    const Answer found = co_await world.ask(user, "GET", fill_in(entry.lookup.path, cell), "");
    cell.value = found.text(entry.lookup.pointer);
  }
  co_return cell;
}

const Statuses& expected_of(const Entry& entry, Kind kind) {
  if (kind == Kind::own) return entry.expected.own;
  return kind == Kind::foreign ? entry.expected.foreign : entry.expected.absent;
}

// How many questions it were.
Task<int> ask_entry(World& world, const Entry& entry) {
  const bool destroys =
      std::string_view(entry.method) == "DELETE" && entry.pattern == std::string_view("/v1/apps/{app}");
  // The answer has no end: its head tells enough.
  const bool endless = entry.pattern == std::string_view("/v1/apps/{app}/events");
  const char* method = endless ? "HEAD" : entry.method;
  int asked = 0;
  for (const Kind kind : {Kind::own, Kind::foreign, Kind::absent}) {
    for (std::size_t caller = 0; caller < kCallers.size(); ++caller) {
      const int wanted = expected_of(entry, kind)[caller];
      if (wanted == 0) continue;
      if (destroys) co_await world.make();
      Cell cell = cell_of(entry, caller, kind);
      cell = co_await prepared(world, entry, std::move(cell));
      const Answer answer =
          co_await world.ask(cell.caller, method, fill_in(entry.path, cell), fill_in(entry.body, cell));
      EXPECT_EQ(answer.status, wanted)
          << entry.method << ' ' << entry.pattern << " by the " << kRoles[caller] << ", "
          << kKinds[static_cast<std::size_t>(kind)] << " object " << cell.object << ": " << answer.body;
      if (entry.pattern == std::string_view("/v1/auth/tokens")) world.forget_tokens();
      ++asked;
    }
  }
  co_return asked;
}

std::string name_of(const char* method, const char* pattern) {
  return std::string(method) + ' ' + pattern;
}

TEST(PermissionMatrix, HasAnEntryForEveryRouteAndNoOther) {
  std::set<std::string> routes, entries;
  for (const Route& route : all_routes()) routes.insert(name_of(route.method, route.pattern));
  for (const Entry& entry : permission_matrix()) entries.insert(name_of(entry.method, entry.pattern));
  for (const auto& route : routes) EXPECT_TRUE(entries.contains(route)) << route << " has no entry";
  for (const auto& entry : entries) EXPECT_TRUE(routes.contains(entry)) << entry << " is no route";
}

API_TEST(PermissionMatrix, HoldsForEveryRouteCallerAndObject) {
  api.settings.acme.agreed = true;
  World world(api);
  co_await world.make();
  int asked = 0;
  for (const Entry& entry : permission_matrix()) asked += co_await ask_entry(world, entry);
  EXPECT_GT(asked, 500);
  testing::Test::RecordProperty("questions", asked);
}

}  // namespace
}  // namespace deis::controller::api
