#include "router/routing_table.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <algorithm>

namespace deis::router {
namespace {

using table::Kind;
using testing::ElementsAre;
using testing::IsEmpty;

etcd::Change put(const std::string& key, const std::string& value) {
  etcd::Change change;
  change.entry.key = key;
  change.entry.value = value;
  return change;
}

etcd::Change gone(const std::string& key) {
  etcd::Change change;
  change.deleted = true;
  change.entry.key = key;
  return change;
}

etcd::Change endpoint(const std::string& app, int release, int num, const std::string& state) {
  const std::string job = app + "_v" + std::to_string(release) + ".web." + std::to_string(num);
  return put(
      "/deis/services/" + app + "/" + job,
      R"({"release":)" + std::to_string(release) + R"(,"container":"c","address":"10.0.0.)" +
          std::to_string(num) + R"(","port":5000,"state":")" + state + R"("})");
}

etcd::Change endpoint_on(const std::string& host, const std::string& container, int num) {
  const std::string id = std::to_string(num);
  return put(
      "/deis/services/shop/shop_v1.web." + id,
      R"({"release":1,"host_id":")" + host + R"(","container":")" + container + R"(","address":"10.0.0.)" +
          id + R"(","port":5000,"state":"up"})");
}

// What the shared table holds after changes of etcd.
class TableOfRoutes : public testing::Test {
 protected:
  TableOfRoutes() : segment_(table::Segment::create(16U << 20U)) {
    table::format(segment_, 4);
    writer_.emplace(segment_);
  }

  void apply(const etcd::Change& change) {
    EXPECT_TRUE(routes_.apply(change));
    routes_.write_to(*writer_, false);
  }
  bool tell(const ContainerNews& news) {
    const bool changes = routes_.apply(news);
    routes_.write_to(*writer_, false);
    return changes;
  }
  const table::Route* route(const std::string& app) { return writer_->route(app); }
  std::vector<std::string> endpoints(const std::string& app) {
    std::vector<std::string> names;
    const table::Route* found = route(app);
    for (unsigned i = 0; found != nullptr && i < found->stable + found->canary; ++i)
      names.emplace_back(found->endpoints()[i].name());
    return names;
  }
  std::vector<unsigned> allowed(const std::string& app) {
    std::vector<unsigned> last_bytes;
    for (unsigned i = 0; i < route(app)->networks; ++i)
      last_bytes.push_back(route(app)->network_list()[i].address[15]);
    return last_bytes;
  }

  table::Segment segment_;
  std::optional<table::TableWriter> writer_;
  RoutingTable routes_;
};

TEST_F(TableOfRoutes, serves_only_what_is_up_in_the_live_release) {
  apply(put("/deis/apps/shop", R"({"release":2})"));
  apply(endpoint("shop", 1, 1, "up"));
  apply(endpoint("shop", 2, 2, "up"));
  apply(endpoint("shop", 2, 3, "starting"));
  EXPECT_THAT(endpoints("shop"), ElementsAre("10.0.0.2:5000"));
  apply(put("/deis/apps/shop", R"({"release":1})"));
  EXPECT_THAT(endpoints("shop"), ElementsAre("10.0.0.1:5000"));
  EXPECT_EQ(route("shop")->release, 1);
}

TEST_F(TableOfRoutes, sends_draining_jobs_nothing) {
  apply(endpoint("shop", 1, 1, "up"));
  apply(endpoint("shop", 1, 2, "up"));
  apply(put("/deis/apps/shop", R"({"release":1,"draining":["shop_v1.web.2"]})"));
  EXPECT_THAT(endpoints("shop"), ElementsAre("10.0.0.1:5000"));
}

TEST_F(TableOfRoutes, has_the_endpoints_of_the_canary_beside_those_of_the_live_release) {
  apply(endpoint("shop", 1, 1, "up"));
  apply(endpoint("shop", 2, 2, "up"));
  apply(endpoint("shop", 3, 3, "up"));
  apply(put(
      "/deis/apps/shop", R"({"release":1,"canary":{"release":2,"weight":10},"balance":"least-requests"})"));
  EXPECT_THAT(endpoints("shop"), ElementsAre("10.0.0.1:5000", "10.0.0.2:5000"));
  EXPECT_EQ(route("shop")->canary_weight, 10U);
  EXPECT_EQ(route("shop")->canary, 1U);
  EXPECT_EQ(route("shop")->balance, table::Balance::least_requests);
  apply(put("/deis/apps/shop", R"({"release":1})"));
  EXPECT_THAT(endpoints("shop"), ElementsAre("10.0.0.1:5000"));
}

TEST_F(TableOfRoutes, an_app_with_a_canary_or_a_balance_that_makes_no_sense_is_not_served) {
  for (const char* members : {R"("canary":{"release":2,"weight":100})", R"("balance":"magic")"}) {
    apply(put("/deis/apps/shop", R"({"release":1})"));
    apply(put("/deis/apps/shop", std::string(R"({"release":1,)") + members + "}"));
    EXPECT_EQ(route("shop"), nullptr) << members;
    EXPECT_EQ(routes_.problems().size(), 1U);
  }
}

TEST_F(TableOfRoutes, carries_maintenance_and_the_allow_list) {
  apply(
      put("/deis/apps/shop",
          R"({"release":1,"maintenance":{"message":"Soon"},"allowlist":["10.1.0.0/16","2001:db8::/32"]})"));
  EXPECT_EQ(route("shop")->message(), "Soon");
  ASSERT_EQ(route("shop")->networks, 2U);
  EXPECT_EQ(route("shop")->network_list()[0].bits, 112U);
  EXPECT_EQ(route("shop")->network_list()[1].bits, 32U);
  apply(put("/deis/apps/shop", R"({"release":1})"));
  EXPECT_EQ(route("shop")->in_maintenance, 0U);
  EXPECT_EQ(route("shop")->networks, 0U);
}

TEST_F(TableOfRoutes, takes_the_allow_list_of_the_config_unless_another_was_chosen) {
  const auto with = [this](const std::string& members) {
    apply(put("/deis/apps/shop", R"({"release":1,"config_allowlist":["10.0.0.1"])" + members + "}"));
    return allowed("shop");
  };
  EXPECT_THAT(with(""), ElementsAre(1U));
  EXPECT_THAT(with(R"(,"allowlist":["10.0.0.2"])"), ElementsAre(2U));
  EXPECT_THAT(with(R"(,"allowlist":[])"), IsEmpty());
}

TEST_F(TableOfRoutes, does_not_serve_an_app_whose_allow_list_cannot_be_read) {
  apply(put("/deis/apps/shop", R"({"release":1})"));
  apply(put("/deis/apps/shop", R"({"release":1,"allowlist":["office"]})"));
  EXPECT_EQ(route("shop"), nullptr);
  EXPECT_EQ(routes_.problems().size(), 1U);
}

TEST_F(TableOfRoutes, knows_an_app_without_endpoints_and_not_an_app_without_a_route) {
  apply(endpoint("orphan", 1, 1, "up"));
  apply(put("/deis/apps/shop", R"({"release":1})"));
  ASSERT_NE(route("shop"), nullptr);
  EXPECT_THAT(endpoints("shop"), IsEmpty());
  EXPECT_EQ(route("orphan"), nullptr);
  apply(gone("/deis/apps/shop"));
  EXPECT_EQ(route("shop"), nullptr);
}

TEST_F(TableOfRoutes, knows_domains_certificates_challenges_and_components) {
  apply(put("/deis/domains/WWW.Example.com", R"({"app":"shop"})"));
  apply(put("/deis/certs/www.example.com", R"({"certificate":"C","key":"K"})"));
  apply(put("/deis/acme/token", R"({"host":"www.example.com","answer":"token.x"})"));
  apply(put("/deis/controller/hosts/h1", R"({"address":"http://127.0.0.1:8000"})"));
  apply(put("/deis/builder/hosts/h1", R"({"address":"tcp://127.0.0.1:2223"})"));
  EXPECT_EQ(writer_->domain("www.example.com"), "shop");
  EXPECT_THAT(writer_->names(Kind::certificate), ElementsAre("www.example.com"));
  EXPECT_THAT(writer_->names(Kind::challenge), ElementsAre("token"));
  EXPECT_THAT(writer_->names(Kind::component), ElementsAre("controller"));
  EXPECT_EQ(routes_.builder(), "127.0.0.1:2223");
  EXPECT_TRUE(routes_.has_certificates());
  apply(gone("/deis/certs/www.example.com"));
  EXPECT_FALSE(routes_.has_certificates());
  EXPECT_THAT(writer_->names(Kind::certificate), IsEmpty());
  EXPECT_FALSE(routes_.apply(put("/deis/logger/port", "514")));
}

TEST_F(TableOfRoutes, a_broken_value_is_reported_and_harms_nobody_else) {
  apply(put("/deis/apps/shop", R"({"release":1})"));
  apply(endpoint("shop", 1, 1, "up"));
  apply(put("/deis/services/shop/shop_v1.web.1", "nonsense"));
  apply(put("/deis/domains/a.b", "[]"));
  apply(put("/deis/services/shop/shop_v1.web.2", R"({"release":1,"state":"up","address":"here","port":1})"));
  EXPECT_THAT(endpoints("shop"), IsEmpty());
  EXPECT_EQ(routes_.problems().size(), 3U);
  apply(endpoint("shop", 1, 1, "up"));
  EXPECT_EQ(routes_.problems().size(), 2U);
}

TEST_F(TableOfRoutes, keeps_endpoints_whose_loss_is_doubted_until_they_are_back_or_believed_lost) {
  apply(put("/deis/apps/shop", R"({"release":1})"));
  apply(endpoint("shop", 1, 1, "up"));
  apply(endpoint("shop", 1, 2, "up"));
  for (const char* job : {"shop_v1.web.1", "shop_v1.web.2"})
    EXPECT_TRUE(routes_.apply(gone(std::string("/deis/services/shop/") + job), Loss::doubted));
  routes_.write_to(*writer_, false);
  EXPECT_THAT(endpoints("shop"), ElementsAre("10.0.0.1:5000", "10.0.0.2:5000"));
  apply(endpoint("shop", 1, 1, "up"));
  EXPECT_TRUE(routes_.has_doubts());
  routes_.believe_losses();
  routes_.write_to(*writer_, false);
  EXPECT_FALSE(routes_.has_doubts());
  EXPECT_THAT(endpoints("shop"), ElementsAre("10.0.0.1:5000"));
}

TEST_F(TableOfRoutes, a_doubted_loss_is_certain_when_another_app_has_the_address) {
  apply(put("/deis/apps/shop", R"({"release":1})"));
  apply(put("/deis/apps/blog", R"({"release":1})"));
  apply(endpoint("shop", 1, 1, "up"));
  EXPECT_TRUE(routes_.apply(gone("/deis/services/shop/shop_v1.web.1"), Loss::doubted));
  apply(endpoint("blog", 1, 1, "starting"));
  EXPECT_THAT(endpoints("shop"), IsEmpty());
}

TEST_F(TableOfRoutes, sends_a_container_that_has_ended_nothing_whatever_etcd_says) {
  apply(put("/deis/apps/shop", R"({"release":1})"));
  apply(endpoint_on("h1", "first", 1));
  apply(endpoint_on("h1", "second", 2));
  EXPECT_TRUE(tell({.host = "h1", .app = "shop", .ended = "first"}));
  EXPECT_FALSE(tell({.host = "h1", .app = "shop", .ended = "first"}));
  EXPECT_THAT(endpoints("shop"), ElementsAre("10.0.0.2:5000"));
  apply(endpoint_on("h1", "first", 1));
  EXPECT_THAT(endpoints("shop"), ElementsAre("10.0.0.2:5000")) << "an old value that was late";
  apply(endpoint_on("h1", "third", 1));
  EXPECT_THAT(endpoints("shop"), ElementsAre("10.0.0.1:5000", "10.0.0.2:5000"));
  apply(endpoint_on("h1", "first", 1));
  EXPECT_TRUE(tell({.host = "h1", .app = "shop", .started = "first"})) << "docker restart";
  EXPECT_THAT(endpoints("shop"), ElementsAre("10.0.0.1:5000", "10.0.0.2:5000"));
}

TEST_F(TableOfRoutes, takes_out_what_does_not_run_any_more_on_the_host_that_tells_it) {
  apply(put("/deis/apps/shop", R"({"release":1})"));
  apply(endpoint_on("h1", "first", 1));
  apply(endpoint_on("h1", "second", 2));
  apply(endpoint_on("h2", "third", 3));
  EXPECT_TRUE(tell({.host = "h1", .running = std::set<std::string>{"second", "unknown"}}));
  EXPECT_THAT(endpoints("shop"), ElementsAre("10.0.0.2:5000", "10.0.0.3:5000"));
  EXPECT_TRUE(tell({.host = "h1", .running = std::set<std::string>{"first"}}));
  EXPECT_THAT(endpoints("shop"), ElementsAre("10.0.0.1:5000", "10.0.0.3:5000"));
  EXPECT_FALSE(tell({.host = "h1", .running = std::set<std::string>{"first"}}));
  EXPECT_FALSE(tell({.host = "h1"})) << "a heartbeat";
}

TEST(EndedContainers, ForgetTheOldest) {
  EndedContainers ended(2);
  EXPECT_TRUE(ended.add("a"));
  EXPECT_TRUE(ended.add("b"));
  EXPECT_FALSE(ended.add("a"));
  EXPECT_TRUE(ended.remove("a"));
  EXPECT_FALSE(ended.remove("a"));
  EXPECT_TRUE(ended.add("c"));
  EXPECT_TRUE(ended.add("d"));
  EXPECT_FALSE(ended.contains("b"));
  EXPECT_TRUE(ended.contains("c"));
  EXPECT_TRUE(ended.contains("d"));
}

TEST_F(TableOfRoutes, what_a_predecessor_left_and_etcd_does_not_have_is_erased) {
  apply(put("/deis/apps/shop", R"({"release":1})"));
  apply(put("/deis/domains/old.example.com", R"({"app":"shop"})"));
  RoutingTable fresh;
  fresh.apply(put("/deis/apps/blog", R"({"release":1})"));
  fresh.write_to(*writer_, true);
  EXPECT_EQ(route("shop"), nullptr);
  EXPECT_NE(route("blog"), nullptr);
  EXPECT_THAT(writer_->names(Kind::domain), IsEmpty());
}

etcd::Change random_change() {
  const std::string app = *rc::gen::element<std::string>("shop", "blog");
  switch (*rc::gen::inRange(0, 6)) {
    case 0:
      return put("/deis/apps/" + app, R"({"release":)" + std::to_string(*rc::gen::inRange(1, 3)) + "}");
    case 1:
      return gone("/deis/apps/" + app);
    case 2:
      return gone("/deis/services/" + app + "/" + app + "_v1.web.1");
    case 3:
      return put("/deis/domains/" + app + ".com", R"({"app":")" + app + R"("})");
    case 4:
      return put(
          "/deis/apps/" + app,
          R"({"release":1,"canary":{"release":2,"weight":)" + std::to_string(*rc::gen::inRange(1, 99)) +
              "}}");
    default:
      return endpoint(
          app,
          *rc::gen::inRange(1, 3),
          *rc::gen::inRange(1, 3),
          *rc::gen::element<std::string>("up", "failing"));
  }
}

std::string describe(const table::TableWriter& writer) {
  std::vector<std::string> lines;
  writer.each_route([&](std::string_view app, const table::Route& route) {
    std::string line(app);
    for (unsigned i = 0; i < route.stable + route.canary; ++i)
      line +=
          " " + std::string(route.endpoints()[i].name()) + "@" + std::to_string(route.endpoints()[i].release);
    lines.push_back(line + " " + std::to_string(route.release) + "/" + std::to_string(route.canary_weight));
  });
  for (const std::string& domain : writer.names(Kind::domain))
    lines.push_back(domain + "=" + std::string(writer.domain(domain)));
  std::sort(lines.begin(), lines.end());
  std::string all;
  for (const auto& line : lines) all += line + "\n";
  return all;
}

// Changes one by one give the same table as all of them at once: what was touched is what was changed.
TEST(RoutesFromChanges, add_up_to_the_whole_table) {
  EXPECT_TRUE(rc::check("changes one by one, or the last state at once", [] {
    const auto made = [] {
      table::Segment segment = table::Segment::create(16U << 20U);
      table::format(segment, 2);
      return segment;
    };
    table::Segment first = made(), second = made();
    table::TableWriter gradually(first), at_once(second);
    RoutingTable one_by_one, last;
    std::map<std::string, etcd::Change> state;
    const int steps = *rc::gen::inRange(0, 40);
    for (int i = 0; i < steps; ++i) {
      const etcd::Change change = random_change();
      one_by_one.apply(change);
      if (*rc::gen::inRange(0, 2) == 0) one_by_one.write_to(gradually, false);
      state[change.entry.key] = change;
    }
    one_by_one.write_to(gradually, false);
    for (const auto& [key, change] : state)
      if (!change.deleted) last.apply(change);
    last.write_to(at_once, true);
    RC_ASSERT(describe(gradually) == describe(at_once));
  }));
}

}  // namespace
}  // namespace deis::router
