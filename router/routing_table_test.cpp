#include "router/routing_table.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>

namespace deis::router {
namespace {

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
      R"({"release":)" + std::to_string(release) + R"(,"address":"10.0.0.)" + std::to_string(num) +
          R"(","port":5000,"state":")" + state + R"("})");
}

TEST(RoutingTable, ServesOnlyWhatIsUpInTheLiveRelease) {
  RoutingTable table;
  table.apply(put("/deis/apps/shop", R"({"release":2})"));
  table.apply(endpoint("shop", 1, 1, "up"));
  table.apply(endpoint("shop", 2, 2, "up"));
  table.apply(endpoint("shop", 2, 3, "starting"));
  EXPECT_EQ(table.wanted().at("a:shop"), R"({"release":2,"endpoints":["10.0.0.2:5000"]})");
  table.apply(put("/deis/apps/shop", R"({"release":1})"));
  EXPECT_EQ(table.wanted().at("a:shop"), R"({"release":1,"endpoints":["10.0.0.1:5000"]})");
}

TEST(RoutingTable, DrainingJobsGetNoRequests) {
  RoutingTable table;
  table.apply(endpoint("shop", 1, 1, "up"));
  table.apply(endpoint("shop", 1, 2, "up"));
  table.apply(put("/deis/apps/shop", R"({"release":1,"draining":["shop_v1.web.2"]})"));
  EXPECT_EQ(table.wanted().at("a:shop"), R"({"release":1,"endpoints":["10.0.0.1:5000"]})");
}

TEST(RoutingTable, CarriesMaintenanceAndTheAllowListAsBytes) {
  RoutingTable table;
  table.apply(
      put("/deis/apps/shop",
          R"({"release":1,"maintenance":{"message":"Soon"},"allowlist":["10.1.0.0/16","2001:db8::/32"]})"));
  EXPECT_EQ(
      table.wanted().at("a:shop"),
      R"({"release":1,"endpoints":[],"maintenance":"Soon",)"
      R"("allow":["0a010000/16","20010db8000000000000000000000000/32"]})");
  table.apply(put("/deis/apps/shop", R"({"release":1})"));
  EXPECT_EQ(table.wanted().at("a:shop"), R"({"release":1,"endpoints":[]})");
}

TEST(RoutingTable, TakesTheAllowListOfTheConfigUnlessAnotherWasChosen) {
  RoutingTable table;
  const auto allowed = [&table](const std::string& members) {
    table.apply(put("/deis/apps/shop", R"({"release":1,"config_allowlist":["10.0.0.1"])" + members + "}"));
    return table.wanted().at("a:shop");
  };
  EXPECT_EQ(allowed(""), R"({"release":1,"endpoints":[],"allow":["0a000001/32"]})");
  EXPECT_EQ(
      allowed(R"(,"allowlist":["10.0.0.2"])"), R"({"release":1,"endpoints":[],"allow":["0a000002/32"]})");
  EXPECT_EQ(allowed(R"(,"allowlist":[])"), R"({"release":1,"endpoints":[]})");
}

TEST(RoutingTable, AnAppWhoseAllowListCannotBeReadIsNotServed) {
  RoutingTable table;
  table.apply(put("/deis/apps/shop", R"({"release":1})"));
  table.apply(put("/deis/apps/shop", R"({"release":1,"allowlist":["office"]})"));
  EXPECT_FALSE(table.wanted().contains("a:shop"));
  EXPECT_EQ(table.problems().size(), 1u);
}

TEST(RoutingTable, AnAppWithoutEndpointsIsKnownAndAnAppWithoutRouteIsNot) {
  RoutingTable table;
  table.apply(endpoint("orphan", 1, 1, "up"));
  table.apply(put("/deis/apps/shop", R"({"release":1})"));
  EXPECT_EQ(table.wanted().at("a:shop"), R"({"release":1,"endpoints":[]})");
  EXPECT_FALSE(table.wanted().contains("a:orphan"));
  table.apply(gone("/deis/apps/shop"));
  EXPECT_FALSE(table.wanted().contains("a:shop"));
}

TEST(RoutingTable, KnowsDomainsInLowerCaseAndComponentAddresses) {
  RoutingTable table;
  table.apply(put("/deis/domains/WWW.Example.com", R"({"app":"shop"})"));
  table.apply(put("/deis/controller/hosts/h1", R"({"address":"http://127.0.0.1:8000"})"));
  table.apply(put("/deis/builder/hosts/h1", R"({"address":"tcp://127.0.0.1:2223"})"));
  EXPECT_EQ(table.wanted().at("d:www.example.com"), "shop");
  EXPECT_EQ(table.wanted().at("component:controller"), "127.0.0.1:8000");
  EXPECT_EQ(table.builder(), "127.0.0.1:2223");
  EXPECT_FALSE(table.apply(put("/deis/logger/port", "514")));
}

TEST(RoutingTable, ABrokenValueIsReportedAndHarmsNobodyElse) {
  RoutingTable table;
  table.apply(put("/deis/apps/shop", R"({"release":1})"));
  table.apply(endpoint("shop", 1, 1, "up"));
  table.apply(put("/deis/services/shop/shop_v1.web.1", "nonsense"));
  table.apply(put("/deis/domains/a.b", "[]"));
  EXPECT_EQ(table.wanted().at("a:shop"), R"({"release":1,"endpoints":[]})");
  EXPECT_EQ(table.problems().size(), 2u);
  table.apply(endpoint("shop", 1, 1, "up"));
  EXPECT_EQ(table.problems().size(), 1u);
}

etcd::Change random_change() {
  const std::string app = *rc::gen::element<std::string>("shop", "blog");
  switch (*rc::gen::inRange(0, 5)) {
    case 0:
      return put("/deis/apps/" + app, R"({"release":)" + std::to_string(*rc::gen::inRange(1, 3)) + "}");
    case 1:
      return gone("/deis/apps/" + app);
    case 2:
      return gone("/deis/services/" + app + "/" + app + "_v1.web.1");
    case 3:
      return put("/deis/domains/" + app + ".com", R"({"app":")" + app + R"("})");
    default:
      return endpoint(
          app,
          *rc::gen::inRange(1, 3),
          *rc::gen::inRange(1, 3),
          *rc::gen::element<std::string>("up", "failing"));
  }
}

TEST(RoutingTable, DifferencesAddUpToTheWholeTable) {
  EXPECT_TRUE(rc::check("applying every difference gives what is wanted", [] {
    RoutingTable table;
    Table nginx;
    const int steps = *rc::gen::inRange(0, 30);
    for (int i = 0; i < steps; ++i) {
      table.apply(random_change());
      if (*rc::gen::inRange(0, 2) == 0) continue;  // several changes may go out as one
      const Difference difference = table.difference();
      for (const auto& [key, value] : difference.set) nginx[key] = value;
      for (const auto& key : difference.erase) nginx.erase(key);
      table.accept();
      RC_ASSERT(nginx == table.wanted());
      RC_ASSERT(table.difference().empty());
    }
  }));
}

}  // namespace
}  // namespace deis::router
