#include "router/table/writer.h"

#include "router/table/hash.h"

#include <algorithm>
#include <arpa/inet.h>
#include <cstring>
#include <ctime>
#include <new>
#include <random>

namespace deis::router::table {

std::int64_t monotonic_ms() {
  timespec now{};
  ::clock_gettime(CLOCK_MONOTONIC_COARSE, &now);
  return now.tv_sec * 1000 + now.tv_nsec / 1'000'000;
}

void format(Segment& segment, unsigned columns) {
  auto* header = new (segment.at<void>(0)) Header{};
  std::random_device random;
  header->hash_seed = (static_cast<std::uint64_t>(random()) << 32U) | random();
  header->columns = columns;
  header->epoch.store(1);
  Heap heap(segment);
  heap.format(sizeof(Header));
  const Offset slot = heap.allocate(Slot::bytes(columns));
  auto& unrouted = *segment.at<Slot>(slot);
  unrouted.kind = SlotKind::app;
  unrouted.columns = columns;
  header->unrouted = slot;
  header->magic = kMagic;
}

TableWriter::TableWriter(Segment& segment)
    : segment_(segment), header_(*segment.at<Header>(0)), heap_(segment) {
  if (header_.magic != kMagic)
    throw std::runtime_error("the shared memory holds no routing table of this version");
  for (int kind = 0; kind < kKinds; ++kind) indexes_.emplace_back(segment, heap_, static_cast<Kind>(kind));
  adopt();
}

// Whatever the process before us was doing when it ended: what can be reached is complete, the rest is free,
// slots as soon as no request is counted in them any more.
void TableWriter::adopt() {
  std::unordered_set<Offset> reachable{header_.unrouted};
  for (const auto& index : indexes_) index.mark(reachable);
  for (const Kind kind : {Kind::domain, Kind::certificate, Kind::challenge, Kind::component})
    index(kind).each([&](std::string_view, Offset value) { reachable.insert(value); });
  index(Kind::app).each([&](std::string_view, Offset value) {
    if (value == 0) return;
    const Route& route = *segment_.at<Route>(value);
    reachable.insert({value, route.slot});
    note(route.slot);
    for (unsigned i = 0; i < route.stable + route.canary; ++i) {
      reachable.insert(route.endpoints()[i].slot);
      note(route.endpoints()[i].slot);
    }
  });
  heap_.adopt(reachable, [this](Offset slot) {
    note(slot);
    retire_slot(slot);
  });
}

void TableWriter::note(Offset slot) {
  if (!slots_.insert(slot).second) return;
  const Slot& counted = *segment_.at<Slot>(slot);
  if (counted.kind == SlotKind::endpoint) by_address_[counted.name.data()].push_back(slot);
}

Offset TableWriter::new_slot(SlotKind kind, std::uint64_t identity, std::string_view name) {
  const Offset made = heap_.allocate(Slot::bytes(header_.columns), Use::slot);
  auto& slot = *segment_.at<Slot>(made);
  slot.kind = kind;
  slot.columns = header_.columns;
  slot.identity = identity;
  name.copy(slot.name.data(), slot.name.size() - 1);
  slot.added_ms = monotonic_ms();
  return made;
}

namespace {

void set_endpoint_address(Endpoint& to, const std::string& host, std::uint16_t port) {
  const bool is_v6 = host.find(':') != std::string::npos;
  if (is_v6) {
    to.length = sizeof(sockaddr_in6);
    to.address6.sin6_family = AF_INET6;
    to.address6.sin6_port = htons(port);
    ::inet_pton(AF_INET6, host.c_str(), &to.address6.sin6_addr);
  } else {
    to.length = sizeof(sockaddr_in);
    to.address4.sin_family = AF_INET;
    to.address4.sin_port = htons(port);
    ::inet_pton(AF_INET, host.c_str(), &to.address4.sin_addr);
  }
  const std::string name = (is_v6 ? "[" + host + "]" : host) + ":" + std::to_string(port);
  name.copy(to.text.data(), to.text.size() - 1);
}

}  // namespace

bool TableWriter::set_address(const std::string& component, const std::string& host, std::uint16_t port) {
  Endpoint address{};
  set_endpoint_address(address, host, port);
  return set_text(Kind::component, component, "", {reinterpret_cast<const char*>(&address), sizeof(address)});
}

// An endpoint that was there before keeps its slot, and with it what is counted.
void TableWriter::fill(Endpoint& to, const EndpointSpec& from, const Route* old) {
  to.release = from.release;
  set_endpoint_address(to, from.host, from.port);
  const std::string_view name = to.name();
  const std::uint64_t identity = hash(from.container, header_.hash_seed);
  for (unsigned i = 0; old != nullptr && i < old->stable + old->canary; ++i) {
    const Endpoint& known = old->endpoints()[i];
    if (known.name() == name && segment_.at<Slot>(known.slot)->identity == identity) to.slot = known.slot;
  }
  if (to.slot == 0) to.slot = new_slot(SlotKind::endpoint, identity, name);
}

Offset TableWriter::make_route(const RouteSpec& spec, const Route* old) {
  const std::size_t endpoints = spec.endpoints.size() + spec.canary.size();
  const std::size_t message = spec.maintenance ? spec.maintenance->size() : 0;
  const Offset made = heap_.allocate(
      sizeof(Route) + endpoints * sizeof(Endpoint) + spec.networks.size() * sizeof(Network) + message);
  Route& route = *segment_.at<Route>(made);
  route.release = spec.release;
  route.canary_release = spec.canary_release;
  route.canary_weight = spec.canary_weight;
  route.balance = spec.balance;
  route.stable = static_cast<std::uint32_t>(spec.endpoints.size());
  route.canary = static_cast<std::uint32_t>(spec.canary.size());
  route.networks = static_cast<std::uint32_t>(spec.networks.size());
  route.in_maintenance = spec.maintenance ? 1 : 0;
  route.message_size = static_cast<std::uint32_t>(message);
  route.slot = old != nullptr ? old->slot : new_slot(SlotKind::app, 0, "");
  auto* to = const_cast<Endpoint*>(route.endpoints());
  for (const auto* list : {&spec.endpoints, &spec.canary})
    for (const EndpointSpec& endpoint : *list) fill(*to++, endpoint, old);
  std::copy(spec.networks.begin(), spec.networks.end(), const_cast<Network*>(route.network_list()));
  if (spec.maintenance) spec.maintenance->copy(const_cast<char*>(route.message().data()), message);
  return made;
}

namespace {

bool same(const Route& a, const Route& b) {
  const auto size = [](const Route& route) {
    return static_cast<std::size_t>(
        route.message().data() + route.message_size - reinterpret_cast<const char*>(&route.slot));
  };
  return size(a) == size(b) && std::memcmp(&a.slot, &b.slot, size(a)) == 0;
}

}  // namespace

bool TableWriter::set_route(const std::string& app, const RouteSpec& spec) {
  const Offset before = index(Kind::app).find(app);
  const Route* old = before != 0 ? segment_.at<Route>(before) : nullptr;
  const Offset made = make_route(spec, old);
  const Route& route = *segment_.at<Route>(made);
  if (old != nullptr && same(*old, route)) {
    heap_.retire(made);
    return false;
  }
  if (old != nullptr) segment_.at<Route>(made)->cursor.store(old->cursor.load());
  note(route.slot);
  for (unsigned i = 0; i < route.stable + route.canary; ++i) note(route.endpoints()[i].slot);
  index(Kind::app).put(app, made);
  if (old != nullptr) {
    drop_route(*old, &route);
    heap_.retire(before);
  }
  return true;
}

// Retires the slots of `route` that `next` has not taken over.
void TableWriter::drop_route(const Route& route, const Route* next) {
  for (unsigned i = 0; i < route.stable + route.canary; ++i) {
    const Endpoint& endpoint = route.endpoints()[i];
    const auto* begin = next != nullptr ? next->endpoints() : nullptr;
    const auto* end = next != nullptr ? begin + next->stable + next->canary : nullptr;
    if (std::any_of(begin, end, [&](const Endpoint& kept) { return kept.slot == endpoint.slot; })) continue;
    retire_slot(endpoint.slot);
  }
  if (next == nullptr) retire_slot(route.slot);
}

void TableWriter::retire_slot(Offset slot) {
  heap_.retire(slot, [this, slot] { return forget_if_idle(slot); });
}

bool TableWriter::forget_if_idle(Offset slot) {
  if (!is_idle(slot)) return false;
  slots_.erase(slot);
  const auto found = by_address_.find(segment_.at<Slot>(slot)->name.data());
  if (found == by_address_.end()) return true;
  std::erase(found->second, slot);
  if (found->second.empty()) by_address_.erase(found);
  return true;
}

bool TableWriter::is_idle(Offset slot) const {
  Slot& counted = *segment_.at<Slot>(slot);
  for (unsigned column = 0; column < counted.columns; ++column)
    if (counted.counters(column).in_flight.load() != 0) return false;
  return true;
}

bool TableWriter::set_text(
    Kind kind, const std::string& name, std::string_view first, std::string_view second) {
  const Offset before = index(kind).find(name);
  if (before != 0) {
    const Text& old = *segment_.at<Text>(before);
    if (old.head() == first && old.tail() == second) return false;
  }
  const Offset made = heap_.allocate(sizeof(Text) + first.size() + second.size());
  Text& text = *segment_.at<Text>(made);
  text.serial = header_.serial.fetch_add(1) + 1;
  text.first = static_cast<std::uint32_t>(first.size());
  text.size = static_cast<std::uint32_t>(first.size() + second.size());
  first.copy(const_cast<char*>(text.data()), first.size());
  second.copy(const_cast<char*>(text.data()) + first.size(), second.size());
  const Offset replaced = index(kind).put(name, made);
  if (replaced != 0) heap_.retire(replaced);
  return true;
}

bool TableWriter::erase(Kind kind, const std::string& name) {
  const Offset value = index(kind).erase(name);
  if (value == 0) return false;
  if (kind == Kind::app) drop_route(*segment_.at<Route>(value), nullptr);
  heap_.retire(value);
  return true;
}

std::vector<std::string> TableWriter::names(Kind kind) const {
  std::vector<std::string> all;
  index(kind).each([&](std::string_view name, Offset) { all.emplace_back(name); });
  return all;
}

std::size_t TableWriter::size() const {
  std::size_t sum = 0;
  for (const auto& index : indexes_) sum += index.count();
  return sum;
}

void TableWriter::confirm(std::int64_t revision) {
  header_.revision.store(revision);
  header_.confirmed_ms.store(monotonic_ms());
  header_.ready.store(1);
}

std::int64_t TableWriter::age_ms() const {
  return header_.ready.load() != 0 ? monotonic_ms() - header_.confirmed_ms.load() : -1;
}

// --- what workers have counted ----------------------------------------------------------------------

void TableWriter::reclaim(const std::function<bool(std::int32_t)>& alive) {
  const auto lives = [&](const Reader& reader) {
    const std::int32_t process = reader.process.load();
    return process != 0 && alive(process);
  };
  for (unsigned i = 0; i < kMaxReaders; ++i) {
    Reader& reader = header_.readers[i];
    if (reader.process.load() == 0 || lives(reader)) continue;
    bool shared = false;
    for (unsigned other = i % header_.columns; other < kMaxReaders; other += header_.columns)
      shared = shared || (other != i && lives(header_.readers[other]));
    if (!shared) {
      for (const Offset slot : slots_)
        segment_.at<Slot>(slot)->counters(i % header_.columns).in_flight.store(0);
    }
    reader.reading.store(0);
    reader.process.store(0);
  }
  heap_.reclaim();
}

std::uint64_t TableWriter::in_flight(const std::string& address) const {
  const auto found = by_address_.find(address);
  std::uint64_t sum = 0;
  if (found == by_address_.end()) return 0;
  for (const Offset slot : found->second) sum += counts(slot).in_flight;
  return sum;
}

SlotCounts TableWriter::counts(Offset slot) const {
  Slot& counted = *segment_.at<Slot>(slot);
  SlotCounts sum;
  for (unsigned column = 0; column < counted.columns; ++column) {
    const Counters& counters = counted.counters(column);
    sum.in_flight += counters.in_flight.load();
    sum.retries += counters.retries.load();
    sum.failures += counters.failures.load();
    sum.bytes += counters.bytes.load();
    sum.micros += counters.micros.load();
    for (unsigned i = 0; i < kStatusClasses; ++i) sum.answers[i] += counters.answers[i].load();
    for (unsigned i = 0; i < kLatencyBuckets; ++i)
      sum.latencies[i] += counted.latencies(column).buckets[i].load();
  }
  return sum;
}

const Route* TableWriter::route(const std::string& app) const {
  const Offset found = index(Kind::app).find(app);
  return found != 0 ? segment_.at<Route>(found) : nullptr;
}

std::string_view TableWriter::domain(const std::string& host) const {
  const Offset found = index(Kind::domain).find(host);
  return found != 0 ? segment_.at<Text>(found)->all() : std::string_view();
}

bool TableWriter::ejected(const Endpoint& endpoint) const {
  return segment_.at<Slot>(endpoint.slot)->ejected_until_ms.load() > monotonic_ms();
}

void TableWriter::each_route(const std::function<void(std::string_view, const Route&)>& visit) const {
  index(Kind::app).each([&](std::string_view app, Offset value) { visit(app, *segment_.at<Route>(value)); });
}

}  // namespace deis::router::table
