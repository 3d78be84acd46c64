#include "router/table/table_fixture.h"

#include <rapidcheck.h>

namespace deis::router::table {
namespace {

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

TEST_F(
    RoutingTableMemory, a_request_that_needs_no_endpoint_yet_is_with_its_app_and_takes_what_is_live_later) {
  writer_->set_route("shop", route_to({"10.0.0.1"}));
  const Offset app = writer_->route("shop")->slot;
  Query query;
  query.needs_endpoint = false;
  const Taken asked = take("shop.x", query);
  EXPECT_EQ(asked.verdict, Verdict::endpoint);
  EXPECT_EQ(writer_->in_flight("10.0.0.1:5000"), 0U);
  EXPECT_EQ(writer_->counts(app).in_flight, 1U);
  writer_->set_route("shop", route_to({"10.0.0.2"}, 2));
  query.needs_endpoint = true;
  query.counted_on = asked.app_slot;
  const Taken taken = take("shop.x", query);
  EXPECT_EQ(taken.endpoint.name(), "10.0.0.2:5000");
  EXPECT_EQ(writer_->counts(app).in_flight, 1U);
  reader_->done(taken, {200, true, false, 0, 0}, 0);
  EXPECT_EQ(writer_->counts(app).in_flight, 0U);
}

TEST_F(RoutingTableMemory, a_request_that_waited_for_its_body_is_forgotten_with_its_app) {
  writer_->set_route("shop", route_to({"10.0.0.1"}));
  const Offset app = writer_->route("shop")->slot;
  writer_->confirm(1);
  Query query;
  query.needs_endpoint = false;
  query.counted_on = take("shop.x", query).app_slot;
  query.needs_endpoint = true;
  writer_->erase(Kind::app, "shop");
  EXPECT_EQ(verdict("shop.x", query), Verdict::unknown);
  EXPECT_EQ(writer_->counts(app).in_flight, 0U);
  writer_->set_route("shop", route_to({}));
  query = {};
  query.needs_endpoint = false;
  EXPECT_EQ(verdict("shop.x", query), Verdict::no_endpoint);
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

}  // namespace
}  // namespace deis::router::table
