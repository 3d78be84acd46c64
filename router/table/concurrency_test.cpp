#include "router/table/table_fixture.h"

#include <atomic>
#include <thread>

namespace deis::router::table {
namespace {

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

// Asks for www.customer.com again and again and counts how often it was not served, or not by its own app.
int count_wrong(
    const Segment& segment, std::int32_t worker, std::atomic<int>& running, const std::atomic<bool>& stop) {
  TableReader reader(Segment::attach(segment.fd()));
  int wrong = reader.claim(worker) ? 0 : 1;
  std::string message;
  Query query;
  query.host = "www.customer.com";
  query.now_ms = 1;
  running.fetch_add(1);
  while (!stop.load()) {
    const Taken taken = reader.take(query, message);
    if (taken.endpoint.name() != "10.0.0.1:5000") ++wrong;
    reader.done(taken, {200, true, false, 1, 1}, 0);
    if (!reader.text(Kind::certificate, "www.customer.com", [](const Text&) {})) ++wrong;
  }
  return wrong;
}

TEST(RoutingTableGrowth, never_hides_a_domain_or_its_certificate_from_readers) {
  constexpr int kTables = 30, kNames = 600;  // four doublings each
  for (int table = 0; table < kTables; ++table) {
    Segment segment = Segment::create(kBytes);
    format(segment, 4);
    TableWriter writer(segment);
    writer.set_route("shop", route_to({"10.0.0.1"}));
    writer.set_route("www", route_to({"10.0.0.9"}));
    writer.set_text(Kind::domain, "www.customer.com", "shop");
    writer.set_text(Kind::certificate, "www.customer.com", "chain", "key");
    std::atomic<bool> stop{false};
    std::atomic<int> running{0}, wrong{0};
    const auto visit = [&](std::int32_t worker) {
      wrong.fetch_add(count_wrong(segment, worker, running, stop));
    };
    std::thread first(visit, 1), second(visit, 2);
    while (running.load() < 2) std::this_thread::yield();
    for (int i = 0; i < kNames; ++i) {
      writer.set_text(Kind::domain, "d" + std::to_string(i), "shop");
      writer.set_text(Kind::certificate, "d" + std::to_string(i), "chain", "key");
    }
    stop.store(true);
    first.join();
    second.join();
    ASSERT_EQ(wrong.load(), 0) << "in table " << table;
  }
}

}  // namespace
}  // namespace deis::router::table
