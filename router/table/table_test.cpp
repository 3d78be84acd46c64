#include "router/table/reader.h"
#include "router/table/writer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <atomic>
#include <set>
#include <thread>
#include <unistd.h>

namespace deis::router::table {
namespace {

using testing::UnorderedElementsAre;

constexpr std::size_t kBytes = 64U << 20U;
constexpr std::int64_t kLater = 1'000'000;  // after the slow start of everything

bool always(std::int32_t) {
  return true;
}

RouteSpec route_to(std::vector<std::string> hosts, std::int64_t release = 1) {
  RouteSpec route;
  route.release = release;
  for (const auto& host : hosts) route.endpoints.push_back({host, 5000, "container-of-" + host, release});
  return route;
}

class RoutingTableMemory : public testing::Test {
 protected:
  RoutingTableMemory() : segment_(Segment::create(kBytes)) {
    format(segment_, 4);
    writer_.emplace(segment_);
    reader_.emplace(Segment::attach(segment_.fd()));
    reader_->claim(::getpid());
  }

  Taken take(std::string_view host, Query query = {}) {
    query.host = host;
    if (query.now_ms == 0) query.now_ms = monotonic_ms() + kLater;
    return reader_->take(query, message_);
  }
  std::string endpoint(std::string_view host, Query query = {}) {
    const Taken taken = take(host, query);
    std::string name(taken.endpoint.name());
    reader_->done(taken, {200, true, false, 10, 1}, 0);
    return name;
  }
  Verdict verdict(std::string_view host, Query query = {}) {
    const Taken taken = take(host, query);
    reader_->done(taken, {404, false, false, 0, 0}, 0);
    return taken.verdict;
  }

  Segment segment_;
  std::optional<TableWriter> writer_;
  std::optional<TableReader> reader_;
  std::string message_;
};

TEST_F(RoutingTableMemory, is_ignorant_until_a_whole_table_was_confirmed) {
  EXPECT_EQ(verdict("shop.example.com"), Verdict::ignorant);
  writer_->confirm(7);
  EXPECT_EQ(verdict("shop.example.com"), Verdict::unknown);
  EXPECT_EQ(writer_->revision(), 7);
}

TEST_F(RoutingTableMemory, finds_an_app_by_the_first_label_and_by_its_domains_which_come_first) {
  writer_->set_route("shop", route_to({"10.0.0.1"}));
  writer_->set_route("blog", route_to({"10.0.0.2"}));
  writer_->set_text(Kind::domain, "www.example.com", "shop");
  writer_->set_text(Kind::domain, "shop.example.org", "blog");
  EXPECT_EQ(endpoint("shop.example.com"), "10.0.0.1:5000");
  EXPECT_EQ(endpoint("shop"), "10.0.0.1:5000");
  EXPECT_EQ(endpoint("www.example.com"), "10.0.0.1:5000");
  EXPECT_EQ(endpoint("shop.example.org"), "10.0.0.2:5000");
  EXPECT_EQ(verdict("www.example.org"), Verdict::ignorant);
}

TEST_F(RoutingTableMemory, an_app_without_endpoints_is_not_an_unknown_one) {
  writer_->set_route("shop", route_to({}));
  writer_->confirm(1);
  EXPECT_EQ(verdict("shop.x"), Verdict::no_endpoint);
  writer_->erase(Kind::app, "shop");
  EXPECT_EQ(verdict("shop.x"), Verdict::unknown);
}

TEST_F(RoutingTableMemory, takes_endpoints_in_turn) {
  writer_->set_route("shop", route_to({"10.0.0.1", "10.0.0.2", "fd00::3"}));
  std::multiset<std::string> seen;
  for (int i = 0; i < 30; ++i) seen.insert(endpoint("shop.x"));
  EXPECT_EQ(seen.count("10.0.0.1:5000"), 10U);
  EXPECT_EQ(seen.count("[fd00::3]:5000"), 10U);
}

TEST_F(RoutingTableMemory, counts_a_request_on_its_endpoint_until_it_is_done) {
  writer_->set_route("shop", route_to({"10.0.0.1"}));
  const Taken taken = take("shop.x");
  EXPECT_EQ(writer_->in_flight("10.0.0.1:5000"), 1U);
  writer_->set_route("shop", route_to({"10.0.0.2"}, 2));
  writer_->reclaim(always);
  EXPECT_EQ(writer_->in_flight("10.0.0.1:5000"), 1U) << "it was taken out, and is still busy";
  reader_->done(taken, {200, true, false, 100, 3}, 0);
  EXPECT_EQ(writer_->in_flight("10.0.0.1:5000"), 0U);
  const SlotCounts counts = writer_->counts(writer_->route("shop")->slot);
  EXPECT_EQ(counts.answers[1], 1U);
  EXPECT_EQ(counts.bytes, 100U);
  EXPECT_EQ(counts.latencies[2], 1U) << "3 ms lie between 2 and 4";
}

TEST_F(RoutingTableMemory, a_retry_avoids_the_endpoint_that_failed_when_there_is_another) {
  writer_->set_route("shop", route_to({"10.0.0.1", "10.0.0.2"}));
  for (int i = 0; i < 10; ++i) {
    const Taken first = take("shop.x");
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

TEST_F(RoutingTableMemory, an_allow_list_admits_who_is_in_it) {
  RouteSpec route = route_to({"10.0.0.1"});
  Network v4{{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 10, 1, 0, 0}, 96 + 13};
  Network v6{{0x20, 0x01, 0x0d, 0xb8}, 32};
  route.networks = {v4, v6};
  writer_->set_route("shop", route);
  const auto asks = [&](Address address) {
    Query query;
    query.client = &address;
    return verdict("shop.x", query);
  };
  EXPECT_EQ(asks({0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 10, 7, 1, 2}), Verdict::endpoint);
  EXPECT_EQ(asks({0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 10, 8, 1, 2}), Verdict::forbidden);
  EXPECT_EQ(asks({0x20, 0x01, 0x0d, 0xb8, 1}), Verdict::endpoint);
  EXPECT_EQ(asks({0x20, 0x01, 0x0d, 0xb9, 1}), Verdict::forbidden);
}

TEST_F(RoutingTableMemory, an_app_without_a_list_is_closed_when_lists_are_enforced) {
  RouteSpec route = route_to({"10.0.0.1"});
  writer_->set_route("shop", route);
  const Address client{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 10, 7, 1, 2};
  Query query;
  query.client = &client;
  query.lists_enforced = true;
  EXPECT_EQ(verdict("shop.x", query), Verdict::forbidden);
  route.networks = {Network{client, 128}};
  writer_->set_route("shop", route);
  EXPECT_EQ(verdict("shop.x", query), Verdict::endpoint);
  query.client = nullptr;
  EXPECT_EQ(verdict("shop.x", query), Verdict::endpoint) << "who was admitted stays so";
}

// The same, told by text: every bit of the range's prefix is the address's.
bool bits_agree(const Address& address, const Network& network) {
  for (unsigned bit = 0; bit < network.bits; ++bit) {
    const auto of = [bit](const Address& bytes) { return bytes[bit / 8] >> (7 - bit % 8) & 1; };
    if (of(address) != of(network.address)) return false;
  }
  return true;
}

TEST_F(RoutingTableMemory, ranges_contain_the_addresses_that_begin_with_their_bits) {
  EXPECT_TRUE(rc::check("the allow-list against bit by bit", [this] {
    Network network{};
    network.bits = static_cast<std::uint32_t>(*rc::gen::inRange(0, 129));
    for (auto& byte : network.address) byte = static_cast<std::uint8_t>(*rc::gen::inRange(0, 256));
    Address address = network.address;  // equal up to a bit somewhere
    const auto flipped = static_cast<unsigned>(*rc::gen::inRange(0, 128));
    address[flipped / 8] = static_cast<std::uint8_t>(address[flipped / 8] ^ (128U >> flipped % 8));
    RouteSpec route = route_to({"10.0.0.1"});
    route.networks = {network};
    writer_->set_route("shop", route);
    writer_->reclaim(always);
    Query query;
    query.client = &address;
    const bool admitted = verdict("shop.x", query) == Verdict::endpoint;
    RC_ASSERT(admitted == bits_agree(address, network));
  }));
}

TEST_F(RoutingTableMemory, an_app_in_maintenance_answers_with_its_message) {
  RouteSpec route = route_to({"10.0.0.1"});
  route.maintenance = "Back at noon";
  writer_->set_route("shop", route);
  const Address client{};
  Query query;
  query.client = &client;
  EXPECT_EQ(verdict("shop.x", query), Verdict::maintenance);
  EXPECT_EQ(message_, "Back at noon");
}

TEST_F(
    RoutingTableMemory,
    keeps_the_counts_of_an_endpoint_that_stays_and_not_those_of_another_container_at_its_address) {
  writer_->set_route("shop", route_to({"10.0.0.1"}));
  endpoint("shop.x");
  RouteSpec more = route_to({"10.0.0.1", "10.0.0.2"});
  EXPECT_TRUE(writer_->set_route("shop", more));
  EXPECT_FALSE(writer_->set_route("shop", more)) << "nothing changed";
  EXPECT_EQ(writer_->counts(writer_->route("shop")->endpoints()[0].slot).answers[1], 1U);
  more.endpoints[0].container = "another";
  writer_->set_route("shop", more);
  EXPECT_EQ(writer_->counts(writer_->route("shop")->endpoints()[0].slot).answers[1], 0U);
}

TEST_F(RoutingTableMemory, memory_of_what_went_is_used_again) {
  for (int i = 0; i < 2000; ++i) {
    writer_->set_route("shop", route_to({"10.0.0." + std::to_string(i % 2 + 1)}, i));
    writer_->set_text(Kind::certificate, "www.example.com", std::string(3000, 'c'), std::to_string(i));
    writer_->reclaim(always);
  }
  EXPECT_LT(writer_->used_bytes(), 64U << 10U);
}

TEST_F(RoutingTableMemory, what_a_worker_is_looking_at_is_not_used_again) {
  writer_->set_text(Kind::certificate, "a", "first");
  reader_->text(Kind::certificate, "a", [&](const Text& text) {
    for (int i = 0; i < 100; ++i) {
      writer_->set_text(Kind::certificate, "a", "other" + std::to_string(i));
      writer_->reclaim(always);
    }
    EXPECT_EQ(text.all(), "first");
  });
  reader_->text(Kind::certificate, "a", [](const Text& text) { EXPECT_EQ(text.all(), "other99"); });
}

TEST_F(RoutingTableMemory, what_a_dead_worker_had_under_way_is_forgotten) {
  writer_->set_route("shop", route_to({"10.0.0.1"}));
  take("shop.x");
  TableReader other(Segment::attach(segment_.fd()));
  ASSERT_TRUE(other.claim(4711));
  Query query;
  query.host = "shop.x";
  other.take(query, message_);
  EXPECT_EQ(writer_->in_flight("10.0.0.1:5000"), 2U);
  writer_->reclaim([](std::int32_t process) { return process != 4711; });
  EXPECT_EQ(writer_->in_flight("10.0.0.1:5000"), 1U);
}

TEST_F(RoutingTableMemory, the_next_writer_finds_everything_and_frees_what_its_predecessor_left) {
  for (int i = 0; i < 300; ++i)
    writer_->set_text(Kind::domain, "d" + std::to_string(i) + ".example.com", "shop");
  writer_->set_route("shop", route_to({"10.0.0.1"}));
  writer_->confirm(12);
  const Taken taken = take("d299.example.com");
  writer_->set_route("shop", route_to({"10.0.0.2"}));
  writer_.emplace(segment_);
  EXPECT_EQ(writer_->revision(), 12);
  EXPECT_EQ(writer_->names(Kind::domain).size(), 300U);
  EXPECT_EQ(endpoint("d7.example.com"), "10.0.0.2:5000");
  writer_->reclaim(always);
  EXPECT_EQ(writer_->in_flight("10.0.0.1:5000"), 1U) << "under way since before";
  const std::size_t used = writer_->used_bytes();
  reader_->done(taken, {200, true, false, 0, 0}, 0);
  writer_->reclaim(always);
  for (int i = 0; i < 50; ++i) {
    writer_->set_route("shop", route_to({"10.0.0.3"}, i));
    writer_->reclaim(always);
  }
  EXPECT_EQ(writer_->used_bytes(), used);
}

TEST_F(RoutingTableMemory, a_table_that_does_not_fit_is_refused_and_the_rest_stays) {
  Segment small = Segment::create(256U << 10U);
  format(small, 2);
  TableWriter writer(small);
  writer.set_route("shop", route_to({"10.0.0.1"}));
  const auto fill = [&] {
    for (int i = 0; i < 100'000; ++i) writer.set_text(Kind::domain, "d" + std::to_string(i), "shop");
  };
  EXPECT_THROW(fill(), TableFull);
  EXPECT_NE(writer.route("shop"), nullptr);
  EXPECT_THROW(writer.set_text(Kind::certificate, "big", std::string(1U << 20U, 'x')), TableFull);
}

// The property the whole platform leans on: once a change is confirmed and nothing is under way to the
// endpoint that it took out, no request gets there any more; and a host is never answered with another app's
// endpoint.
TEST_F(RoutingTableMemory, readers_that_run_beside_a_writer_never_meet_a_retired_or_foreign_endpoint) {
  constexpr int kApps = 40, kChanges = 4000;
  const auto address = [](int app, int version) {
    return "10." + std::to_string(app) + ".0." + std::to_string(version % 200 + 1);
  };
  std::vector<std::atomic<int>> oldest(kApps);
  for (int app = 0; app < kApps; ++app)
    writer_->set_route("app" + std::to_string(app), route_to({address(app, 0)}, 0));
  std::atomic<bool> stop{false};
  std::atomic<int> wrong{0}, served{0};
  const auto visit = [&](int worker) {
    TableReader reader(Segment::attach(segment_.fd()));
    ASSERT_TRUE(reader.claim(100 + worker));
    std::string message;
    for (std::uint32_t i = 0; !stop.load(); ++i) {
      const int app = static_cast<int>(i * 7 + static_cast<std::uint32_t>(worker)) % kApps;
      const std::string host = "app" + std::to_string(app) + ".example.com";
      const int at_least = oldest[static_cast<unsigned>(app)].load();
      Query query;
      query.host = host;
      query.random = i;
      query.now_ms = 1;
      const Taken taken = reader.take(query, message);
      if (taken.verdict != Verdict::endpoint || taken.endpoint.release < at_least ||
          taken.endpoint.name() != address(app, static_cast<int>(taken.endpoint.release)) + ":5000")
        wrong.fetch_add(1);
      served.fetch_add(1);
      reader.done(taken, {200, true, false, 1, 1}, 0);
    }
  };
  std::thread first(visit, 1), second(visit, 2);
  for (int change = 1; change <= kChanges; ++change) {
    const int app = change % kApps, version = change / kApps + 1;
    writer_->set_route("app" + std::to_string(app), route_to({address(app, version)}, version));
    oldest[static_cast<unsigned>(app)].store(version);
    writer_->set_text(Kind::domain, "d" + std::to_string(change), "x");  // the index grows meanwhile
    writer_->reclaim(always);
  }
  stop.store(true);
  first.join();
  second.join();
  EXPECT_EQ(wrong.load(), 0);
  EXPECT_GT(served.load(), 0);
}

}  // namespace
}  // namespace deis::router::table
