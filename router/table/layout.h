#pragma once
// What lies in the shared memory of the routing table. One process writes (the agent), all of nginx's workers
// read without a lock; only counters are written by workers.
//
// Everything a reader can reach is complete before it is linked, and never changed afterwards except through
// the atomics here. What is unlinked is kept until no reader can be looking at it: a reader that looks at the
// table has put the epoch it saw into its Reader, and memory unlinked in an epoch is used again only when all
// readers are at rest or of a later one.

#include "router/table/segment.h"

#include <array>
#include <atomic>
#include <cstdint>
#include <netinet/in.h>
#include <string_view>

namespace deis::router::table {

constexpr std::uint64_t kMagic = 0x4465697352543032;  // "DeisRT02": another layout has another number
constexpr int kMaxReaders = 160;                      // workers, of before a reload too
constexpr int kSizeClasses = 80;

// --- counters ---------------------------------------------------------------------------------------

constexpr int kStatusClasses = 5;    // 1xx to 5xx
constexpr int kLatencyBuckets = 14;  // upper bounds: 1, 2, 4 ... 4096 ms, and longer
enum class SlotKind : std::uint32_t { endpoint, app };

// Written by one worker only (by few, when there are more workers than columns).
struct alignas(64) Counters {
  std::atomic<std::uint32_t> in_flight{0};
  std::atomic<std::uint32_t> retries{0};   // went to another endpoint afterwards
  std::atomic<std::uint32_t> failures{0};  // could not be reached
  std::array<std::atomic<std::uint32_t>, kStatusClasses> answers{};
  std::atomic<std::uint64_t> bytes{0};
  std::atomic<std::uint64_t> micros{0};  // sum of the durations
};

struct alignas(64) Latencies {
  std::array<std::atomic<std::uint32_t>, kLatencyBuckets> buckets{};
};

// What is counted of an endpoint or of an app, in a column per worker. An app's lives as long as the app
// does, an endpoint's as long as a request may be under way to it.
struct alignas(64) Slot {
  SlotKind kind;
  std::uint32_t columns;
  std::uint64_t identity;                         // of the container: another container has another slot
  std::array<char, 56> name;                      // of the endpoint, "172.30.0.5:5000"; "" of an app
  std::int64_t added_ms;                          // when the agent put it into the table, CLOCK_MONOTONIC
  std::atomic<std::int64_t> ejected_until_ms{0};  // it failed lately
  std::atomic<std::uint32_t> failed_in_a_row{0};
  std::atomic<std::uint32_t> ejections{0};  // in a row

  // Behind this: Counters[columns] and Latencies[columns].
  Counters& counters(unsigned column) { return reinterpret_cast<Counters*>(this + 1)[column]; }
  Latencies& latencies(unsigned column) {
    return reinterpret_cast<Latencies*>(reinterpret_cast<Counters*>(this + 1) + columns)[column];
  }
  static std::size_t bytes(unsigned columns) {
    return sizeof(Slot) + columns * (sizeof(Counters) + sizeof(Latencies));
  }
};

// --- routes -----------------------------------------------------------------------------------------

enum class Balance : std::uint32_t { round_robin, least_requests };

struct Endpoint {
  Offset slot;
  std::int64_t release;
  sockaddr_in6 address6;  // one of the two, by `length`
  sockaddr_in address4;
  std::uint32_t length;
  std::array<char, 56> text;  // "172.30.0.5:5000"
  std::string_view name() const { return text.data(); }
  const sockaddr* address() const {
    return length == sizeof(sockaddr_in) ? reinterpret_cast<const sockaddr*>(&address4)
                                         : reinterpret_cast<const sockaddr*>(&address6);
  }
};

struct Network {  // an IPv4 range is one of ::ffff:0:0/96
  std::array<std::uint8_t, 16> address;
  std::uint32_t bits;
};

// How an app is served now. Its canary's endpoints stand behind the others.
struct Route {
  alignas(64) std::atomic<std::uint32_t> cursor{0};  // round robin, of all workers
  alignas(64) Offset slot;
  std::int64_t release;
  std::int64_t canary_release;
  std::uint32_t canary_weight;  // of 100 requests; 0: no canary
  Balance balance;
  std::uint32_t stable, canary;  // numbers of endpoints
  std::uint32_t networks;        // 0: everybody is admitted
  std::uint32_t in_maintenance;
  std::uint32_t message_size;

  // Behind this: Endpoint[stable + canary], Network[networks], the message.
  const Endpoint* endpoints() const { return reinterpret_cast<const Endpoint*>(this + 1); }
  const Network* network_list() const {
    return reinterpret_cast<const Network*>(endpoints() + stable + canary);
  }
  std::string_view message() const {
    return {reinterpret_cast<const char*>(network_list() + networks), message_size};
  }
};

// Of a domain: the app. Of a certificate: the chain, then the key, PEM. Of a challenge: the host, then the
// answer. Of a component: an Endpoint, in bytes.
struct Text {
  std::uint64_t serial;  // another text has another number, even at the same place
  std::uint32_t first;   // size of the first part
  std::uint32_t size;
  const char* data() const { return reinterpret_cast<const char*>(this + 1); }
  std::string_view all() const { return {data(), size}; }
  std::string_view head() const { return {data(), first}; }
  std::string_view tail() const { return {data() + first, size - first}; }
};

// --- indexes ----------------------------------------------------------------------------------------

struct Node {
  std::atomic<Offset> next;
  std::atomic<Offset> value;  // 0 once the name was erased
  std::uint64_t hash;
  std::uint32_t size;
  std::string_view name() const { return {reinterpret_cast<const char*>(this + 1), size}; }
};

struct Buckets {
  std::uint64_t mask;
  std::atomic<Offset>& operator[](std::uint64_t hash) {
    return reinterpret_cast<std::atomic<Offset>*>(this + 1)[hash & mask];
  }
};

enum class Kind : std::uint32_t { app, domain, certificate, challenge, component };
constexpr int kKinds = 5;

struct Index {
  std::atomic<Offset> buckets;
  std::atomic<std::uint64_t> count;
};

// --- the whole --------------------------------------------------------------------------------------

struct alignas(64) Reader {
  std::atomic<std::int32_t> process{0};
  std::atomic<std::uint64_t> reading{0};  // the epoch it saw; 0: at rest
};

struct Header {
  std::uint64_t magic;
  std::uint64_t hash_seed;
  std::uint32_t columns;
  std::atomic<std::uint32_t> ready;        // a whole table was written once; before that it is ignorance
  std::atomic<std::int64_t> revision;      // of etcd: the table is equal to it
  std::atomic<std::int64_t> confirmed_ms;  // when it was last, CLOCK_MONOTONIC
  std::atomic<std::uint64_t> epoch;
  std::atomic<std::uint64_t> serial;
  Offset unrouted;  // slot of requests for no app
  std::array<Index, kKinds> indexes;
  std::array<Reader, kMaxReaders> readers;

  // Of the writer: where memory was never used, and what is free again, by size.
  Offset heap_begin, heap_top;
  std::array<Offset, kSizeClasses> free;
};

}  // namespace deis::router::table
