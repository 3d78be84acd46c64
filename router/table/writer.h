#pragma once
// The agent's side of the routing table: changes it name by name, so that every request is routed either as
// before or as after a change, and tells what workers have counted. Names and values were checked by the
// caller. One thread, and one process at a time; the next one finds what the one before has left.

#include "router/table/heap.h"
#include "router/table/index.h"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

namespace deis::router::table {

struct EndpointSpec {
  std::string host;  // IPv4 or IPv6 address
  std::uint16_t port = 0;
  std::string container;  // id: another container behind the same address is another endpoint
  std::int64_t release = 0;
  bool operator==(const EndpointSpec&) const = default;
};

struct RouteSpec {
  std::int64_t release = 0;
  std::vector<EndpointSpec> endpoints;
  std::int64_t canary_release = 0;
  std::uint32_t canary_weight = 0;  // 0-99: of 100 requests
  std::vector<EndpointSpec> canary;
  Balance balance = Balance::round_robin;
  std::vector<Network> networks;           // empty: everybody
  std::optional<std::string> maintenance;  // the message
};

struct SlotCounts {
  std::uint64_t in_flight = 0, retries = 0, failures = 0, bytes = 0, micros = 0;
  std::array<std::uint64_t, kStatusClasses> answers{};
  std::array<std::uint64_t, kLatencyBuckets> latencies{};
};

// Writes an empty table into `segment`, with a column of counters for each of `columns` workers.
void format(Segment& segment, unsigned columns);

class TableWriter {
 public:
  // Throws std::runtime_error when the segment holds no table of this layout.
  explicit TableWriter(Segment& segment);

  // Each returns whether anything changed; all throw TableFull and leave the name as it was.
  bool set_route(const std::string& app, const RouteSpec& route);
  bool set_text(Kind kind, const std::string& name, std::string_view first, std::string_view second = "");
  bool set_address(const std::string& component, const std::string& host, std::uint16_t port);
  bool erase(Kind kind, const std::string& name);
  std::vector<std::string> names(Kind kind) const;
  std::size_t size() const;  // names of all kinds

  // The table is equal to etcd at `revision`, now.
  void confirm(std::int64_t revision);
  std::int64_t revision() const { return header_.revision.load(); }
  std::int64_t age_ms() const;  // since the last confirmation; -1: never
  std::size_t used_bytes() const { return heap_.used(); }

  // Frees what nobody uses any more, and what dead workers had counted as under way. `alive` tells of a
  // process id whether it is one of nginx's workers. Call it regularly.
  void reclaim(const std::function<bool(std::int32_t)>& alive);

  // Requests under way to an address, to endpoints that were taken out included.
  std::uint64_t in_flight(const std::string& address) const;
  SlotCounts counts(Offset slot) const;
  SlotCounts unrouted() const { return counts(header_.unrouted); }
  const Route* route(const std::string& app) const;
  std::string_view domain(const std::string& host) const;  // its app; "" when unknown
  bool ejected(const Endpoint& endpoint) const;
  void each_route(const std::function<void(std::string_view app, const Route& route)>& visit) const;

 private:
  Offset new_slot(SlotKind kind, std::uint64_t identity, std::string_view name);
  Offset make_route(const RouteSpec& spec, const Route* old);
  void fill(Endpoint& to, const EndpointSpec& from, const Route* old);
  void drop_route(const Route& route, const Route* next);
  void retire_slot(Offset slot);
  bool is_idle(Offset slot) const;
  void adopt();
  void note(Offset slot);
  bool forget_if_idle(Offset slot);
  IndexWriter& index(Kind kind) { return indexes_[static_cast<unsigned>(kind)]; }
  const IndexWriter& index(Kind kind) const { return indexes_[static_cast<unsigned>(kind)]; }

  Segment& segment_;
  Header& header_;
  Heap heap_;
  std::vector<IndexWriter> indexes_;
  // Of live and of retired apps and endpoints; those by address, too.
  std::unordered_set<Offset> slots_;
  std::unordered_map<std::string, std::vector<Offset>> by_address_;
};

std::int64_t monotonic_ms();

}  // namespace deis::router::table
