#include "router/table/table_fixture.h"

#include <map>
#include <set>

namespace deis::router::table {
namespace {

using testing::UnorderedElementsAre;

TEST_F(RoutingTableMemory, takes_endpoints_in_turn) {
  writer_->set_route("shop", route_to({"10.0.0.1", "10.0.0.2", "fd00::3"}));
  std::multiset<std::string> seen;
  for (int i = 0; i < 30; ++i) seen.insert(endpoint("shop.x"));
  EXPECT_EQ(seen.count("10.0.0.1:5000"), 10U);
  EXPECT_EQ(seen.count("[fd00::3]:5000"), 10U);
}

TEST_F(RoutingTableMemory, a_retry_avoids_the_endpoint_that_failed_when_there_is_another) {
  writer_->set_route("shop", route_to({"10.0.0.1", "10.0.0.2"}));
  for (int i = 0; i < 10; ++i) {
    Taken first = take("shop.x");
    reader_->leave(first, true, 0);
    Query query;
    query.avoid = first.endpoint.slot;
    EXPECT_NE(endpoint("shop.x", query), first.endpoint.name());
  }
  writer_->set_route("blog", route_to({"10.0.0.9"}));
  Query query;
  query.avoid = writer_->route("blog")->endpoints()[0].slot;
  EXPECT_EQ(endpoint("blog.x", query), "10.0.0.9:5000");
}

TEST_F(RoutingTableMemory, an_endpoint_that_fails_three_times_in_a_row_gets_nothing_for_ten_seconds) {
  writer_->set_route("shop", route_to({"10.0.0.1", "10.0.0.2"}));
  Slot& bad = *segment_.at<Slot>(writer_->route("shop")->endpoints()[0].slot);
  const std::int64_t now = monotonic_ms() + kLater;
  for (int i = 0; i < 3; ++i) note_failure(bad, now);
  Query query;
  query.now_ms = now + 9'999;
  for (int i = 0; i < 10; ++i) EXPECT_EQ(endpoint("shop.x", query), "10.0.0.2:5000");
  query.now_ms = now + 10'000;
  std::set<std::string> seen;
  for (int i = 0; i < 10; ++i) seen.insert(endpoint("shop.x", query));
  EXPECT_EQ(seen.size(), 2U);
  EXPECT_EQ(bad.ejections.load(), 0U) << "it has answered";
}

TEST_F(RoutingTableMemory, a_failure_that_ends_its_request_counts_like_one_that_does_not) {
  writer_->set_route("shop", route_to({"10.0.0.1", "10.0.0.2"}));
  const std::int64_t now = monotonic_ms() + kLater;
  const Taken bad = take("shop.x");
  for (int i = 0; i < 3; ++i) {
    Taken taken = take("shop.x");
    while (taken.endpoint.slot != bad.endpoint.slot) {
      reader_->done(taken, {200, true, false, 0, 0}, now);
      taken = take("shop.x");
    }
    reader_->done(taken, {502, false, true, 0, 0}, now);
  }
  Query query;
  query.now_ms = now + 1;
  for (int i = 0; i < 10; ++i) EXPECT_NE(endpoint("shop.x", query), bad.endpoint.name());
  EXPECT_EQ(writer_->counts(bad.endpoint.slot).failures, 3U);
  reader_->done(bad, {}, now);
}

TEST_F(RoutingTableMemory, endpoints_that_all_failed_are_used_all_the_same) {
  writer_->set_route("shop", route_to({"10.0.0.1", "10.0.0.2"}));
  const std::int64_t now = monotonic_ms();
  for (int e = 0; e < 2; ++e)
    for (int i = 0; i < 3; ++i)
      note_failure(*segment_.at<Slot>(writer_->route("shop")->endpoints()[e].slot), now);
  EXPECT_NE(endpoint("shop.x"), "");
}

TEST_F(RoutingTableMemory, a_new_endpoint_beside_old_ones_begins_with_a_tenth_of_its_share) {
  writer_->set_route("shop", route_to({"10.0.0.1", "10.0.0.2"}));
  segment_.at<Slot>(writer_->route("shop")->endpoints()[0].slot)->added_ms -= kLater;
  int of_new = 0;
  for (std::uint32_t i = 0; i < 10'000; ++i) {
    Query query;
    query.now_ms = monotonic_ms();
    query.random = i << 8U;
    if (endpoint("shop.x", query) == "10.0.0.2:5000") ++of_new;
  }
  EXPECT_GT(of_new, 300);
  EXPECT_LT(of_new, 1000);
}

TEST_F(RoutingTableMemory, least_requests_prefers_the_endpoint_with_less_to_do) {
  RouteSpec route = route_to({"10.0.0.1", "10.0.0.2"});
  route.balance = Balance::least_requests;
  writer_->set_route("shop", route);
  const Taken busy = take("shop.x");
  for (int i = 0; i < 10; ++i) EXPECT_NE(endpoint("shop.x"), busy.endpoint.name());
  reader_->done(busy, {}, 0);
}

TEST_F(RoutingTableMemory, requests_of_the_same_affinity_stay_with_their_endpoint_when_others_go) {
  writer_->set_route("shop", route_to({"10.0.0.1", "10.0.0.2", "10.0.0.3", "10.0.0.4"}));
  std::map<std::uint64_t, std::string> before;
  for (std::uint64_t i = 1; i <= 200; ++i) {
    Query query;
    query.affinity = i;
    before[i] = endpoint("shop.x", query);
    EXPECT_EQ(endpoint("shop.x", query), before[i]);
  }
  writer_->set_route("shop", route_to({"10.0.0.1", "10.0.0.2", "10.0.0.3"}));
  std::set<std::string> used;
  for (const auto& [affinity, name] : before) {
    Query query;
    query.affinity = affinity;
    used.insert(name);
    const std::string now = endpoint("shop.x", query);
    EXPECT_TRUE(now == name || name == "10.0.0.4:5000") << affinity << ": " << now << " instead of " << name;
  }
  EXPECT_EQ(used.size(), 4U);
}

TEST_F(RoutingTableMemory, a_canary_gets_its_share_and_everything_when_nothing_else_is_up) {
  RouteSpec route = route_to({"10.0.0.1"});
  route.canary = {{"10.0.0.8", 5000, "c8", 2}};
  route.canary_release = 2;
  route.canary_weight = 10;
  writer_->set_route("shop", route);
  int canary = 0;
  for (std::uint32_t i = 0; i < 1000; ++i) {
    Query query;
    query.random = i;
    if (endpoint("shop.x", query) == "10.0.0.8:5000") ++canary;
  }
  EXPECT_EQ(canary, 100);
  route.endpoints.clear();
  writer_->set_route("shop", route);
  EXPECT_EQ(endpoint("shop.x"), "10.0.0.8:5000");
}

// Stable "10.0.0.1" and, for half of the requests, canary "10.0.0.8".
RouteSpec half_canary() {
  RouteSpec route = route_to({"10.0.0.1"});
  route.canary = {{"10.0.0.8", 5000, "c8", 2}};
  route.canary_release = 2;
  route.canary_weight = 50;
  return route;
}

TEST_F(RoutingTableMemory, a_retry_leaves_a_release_whose_only_endpoint_has_failed) {
  writer_->set_route("shop", half_canary());
  for (std::uint32_t i = 0; i < 100; ++i) {
    Query query;
    query.random = i;
    query.affinity = i % 2 == 0 ? 0 : (std::uint64_t{i} << 32U) | 1U;
    Taken first = take("shop.x", query);
    reader_->leave(first, true, 0);
    note_answer(*segment_.at<Slot>(first.endpoint.slot));
    query.avoid = first.endpoint.slot;
    EXPECT_NE(endpoint("shop.x", query), first.endpoint.name());
  }
}

TEST_F(
    RoutingTableMemory, a_release_whose_endpoints_are_all_ejected_gets_nothing_while_the_other_one_is_well) {
  writer_->set_route("shop", half_canary());
  const Route& route = *writer_->route("shop");
  const std::int64_t now = monotonic_ms() + kLater;
  const auto all = [&](std::int64_t at) {
    std::set<std::string> seen;
    for (std::uint32_t i = 0; i < 100; ++i) {
      Query query;
      query.now_ms = at;
      query.random = i;
      query.affinity = i % 2 == 0 ? 0 : (std::uint64_t{i} << 32U) | 1U;
      const Taken taken = take("shop.x", query);
      seen.emplace(taken.endpoint.name());
      reader_->done(taken, {}, 0);
    }
    return seen;
  };
  for (int i = 0; i < 3; ++i) note_failure(*segment_.at<Slot>(route.endpoints()[1].slot), now);
  EXPECT_THAT(all(now), UnorderedElementsAre("10.0.0.1:5000"));
  for (int i = 0; i < 3; ++i) note_failure(*segment_.at<Slot>(route.endpoints()[0].slot), now);
  EXPECT_THAT(all(now), UnorderedElementsAre("10.0.0.1:5000", "10.0.0.8:5000")) << "both are all there is";
  EXPECT_THAT(all(now + 10'000), UnorderedElementsAre("10.0.0.1:5000", "10.0.0.8:5000"));
}

}  // namespace
}  // namespace deis::router::table
