#pragma once
// For tests: a routing table in shared memory with its writer and one reader.

#include "router/table/reader.h"
#include "router/table/writer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <unistd.h>

namespace deis::router::table {

constexpr std::size_t kBytes = 64U << 20U;
constexpr std::int64_t kLater = 1'000'000;  // after the slow start of everything

inline bool always(std::int32_t) {
  return true;
}

inline RouteSpec route_to(std::vector<std::string> hosts, std::int64_t release = 1) {
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

}  // namespace deis::router::table
