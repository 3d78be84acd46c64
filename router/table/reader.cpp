#include "router/table/reader.h"

#include "router/table/hash.h"

#include <algorithm>
#include <bit>

namespace deis::router::table {
namespace {

// How often a look-up begins again because the table moved under it. Every round is another change of this
// app: more than this is not change but damage.
constexpr int kRounds = 100;

template <class Number>
void add(std::atomic<Number>& counter, Number amount) {
  counter.store(counter.load(std::memory_order_relaxed) + amount, std::memory_order_relaxed);
}

bool is_in(const Address& address, const Network& network) {
  const unsigned whole = network.bits / 8, rest = network.bits % 8;
  if (!std::equal(address.begin(), address.begin() + whole, network.address.begin())) return false;
  return rest == 0 || ((address[whole] ^ network.address[whole]) >> (8 - rest)) == 0;
}

bool admits(const Route& route, const Query& query) {
  const Address* client = query.client;
  if (client == nullptr) return true;
  if (route.networks == 0) return !query.lists_enforced;
  const Network* list = route.network_list();
  return std::any_of(
      list, list + route.networks, [&](const Network& network) { return is_in(*client, network); });
}

unsigned bucket_of(std::uint64_t millis) {
  const auto bucket = millis <= 1 ? 0U : static_cast<unsigned>(std::bit_width(millis - 1));
  return std::min(bucket, static_cast<unsigned>(kLatencyBuckets) - 1);
}

}  // namespace

bool TableReader::claim(std::int32_t process) {
  for (unsigned i = 0; i < kMaxReaders; ++i) {
    std::int32_t nobody = 0;
    if (!header_.readers[i].process.compare_exchange_strong(nobody, process)) continue;
    self_ = &header_.readers[i];
    column_ = i % header_.columns;
    return true;
  }
  return false;
}

// A node whose value is 0 was replaced by another one or is being erased while we were on our way to it: only
// a look that begins anew tells whether the name is there. One that goes on meeting it meets an erased one.
TableReader::Found TableReader::find(std::string_view name, Kind kind) const {
  const std::uint64_t wanted = hash(name, header_.hash_seed);
  for (int round = 0; round < kRounds; ++round) {
    const Node* node = table::find(segment_, kind, name, wanted);
    const Offset value = node != nullptr ? node->value.load() : 0;
    if (node == nullptr || value != 0) return {node, value};
  }
  return {};
}

// An exact domain wins over the first label of the host name.
TableReader::Found TableReader::find_app(std::string_view host, std::string_view& app) const {
  const Offset owner = find(host, Kind::domain).value;
  app = owner != 0 ? segment_.at<Text>(owner)->all() : host.substr(0, host.find('.'));
  return find(app, Kind::app);
}

Taken TableReader::take(const Query& query, std::string& message) {
  Taken taken;
  const Section section(*this);
  bool is_certain = false;
  for (int round = 0; round < kRounds && !is_certain; ++round) is_certain = try_take(query, message, taken);
  if (!is_certain) taken.verdict = Verdict::ignorant;
  if (query.counted_on != 0) counters(query.counted_on).in_flight.fetch_sub(1);
  return taken;
}

// False when the table has changed meanwhile.
bool TableReader::try_take(const Query& query, std::string& message, Taken& taken) {
  std::string_view app;
  const auto [node, value] = find_app(query.host, app);
  if (node == nullptr) {
    taken.verdict = is_ready() ? Verdict::unknown : Verdict::ignorant;
    return true;
  }
  Route& route = *segment_.at<Route>(value);
  app.copy(taken.app.data(), taken.app.size() - 1);
  taken.app_slot = route.slot;
  const Endpoint* endpoint = nullptr;
  if (!admits(route, query)) {
    taken.verdict = Verdict::forbidden;
  } else if (route.in_maintenance != 0 && query.client != nullptr) {
    taken.verdict = Verdict::maintenance;
    message = route.message();
  } else if (!query.needs_endpoint && route.stable + route.canary != 0) {
    taken.verdict = Verdict::endpoint;
  } else {
    endpoint = pick(segment_, route, {query.avoid, query.affinity, query.random, query.now_ms});
    taken.verdict = endpoint != nullptr ? Verdict::endpoint : Verdict::no_endpoint;
  }
  return count_on(*node, value, endpoint, taken);
}

// Counting comes first, then the look whether the table is still the same.
bool TableReader::count_on(const Node& node, Offset value, const Endpoint* endpoint, Taken& taken) {
  counters(taken.app_slot).in_flight.fetch_add(1);
  if (endpoint != nullptr) counters(endpoint->slot).in_flight.fetch_add(1);
  if (node.value.load() == value) {
    if (endpoint != nullptr) taken.endpoint = *endpoint;
    return true;
  }
  counters(taken.app_slot).in_flight.fetch_sub(1);
  if (endpoint != nullptr) counters(endpoint->slot).in_flight.fetch_sub(1);
  taken = Taken{};
  return false;
}

void TableReader::count_failure(const Taken& taken, std::int64_t now_ms) {
  note_failure(*segment_.at<Slot>(taken.endpoint.slot), now_ms);
  add(counters(taken.endpoint.slot).failures, 1U);
  add(counters(taken.app_slot).failures, 1U);
}

void TableReader::leave(Taken& taken, bool failed, std::int64_t now_ms) {
  Slot& slot = *segment_.at<Slot>(taken.endpoint.slot);
  if (failed) count_failure(taken, now_ms);
  add(slot.counters(column_).retries, 1U);
  add(counters(taken.app_slot).retries, 1U);
  slot.counters(column_).in_flight.fetch_sub(1);
  counters(taken.app_slot).in_flight.fetch_sub(1);
  taken.app_slot = 0;
}

void TableReader::count_answer(Offset at, const Outcome& outcome) {
  Slot& slot = *segment_.at<Slot>(at);
  Counters& counters = slot.counters(column_);
  const int status_class = std::clamp(outcome.status / 100, 1, kStatusClasses);
  add(counters.answers[static_cast<unsigned>(status_class) - 1], 1U);
  add(counters.bytes, outcome.bytes);
  add(counters.micros, outcome.millis * 1000);
  add(slot.latencies(column_).buckets[bucket_of(outcome.millis)], 1U);
}

void TableReader::done(const Taken& taken, const Outcome& outcome, std::int64_t now_ms) {
  count_answer(taken.app_slot != 0 ? taken.app_slot : header_.unrouted, outcome);
  if (taken.app_slot != 0) counters(taken.app_slot).in_flight.fetch_sub(1);
  if (taken.endpoint.slot == 0) return;
  count_answer(taken.endpoint.slot, outcome);
  if (outcome.failed) count_failure(taken, now_ms);
  if (outcome.reached) note_answer(*segment_.at<Slot>(taken.endpoint.slot));
  counters(taken.endpoint.slot).in_flight.fetch_sub(1);
}

}  // namespace deis::router::table
