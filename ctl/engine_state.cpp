#include "ctl/engine_state.h"

#include "core/base/error.h"
#include "core/json/json.h"

#include <boost/describe.hpp>
#include <fmt/format.h>

#include <map>
#include <optional>
#include <set>
#include <string_view>

namespace deis::ctl {
namespace {

constexpr std::string_view kBridges = "docker/network/v1.0/bridge/";         // the driver's
constexpr std::string_view kNetworks = "docker/network/v1.0/network/";       // libnetwork's
constexpr std::string_view kCounts = "docker/network/v1.0/endpoint_count/";  // users of libnetwork's
constexpr std::size_t kIndexSize = 8;  // libkv's number before each document

struct WireNetwork {
  std::string id, name, configFrom;
  bool configOnly = false;
};
BOOST_DESCRIBE_STRUCT(WireNetwork, (), (id, name, configFrom, configOnly))

struct WireCount {
  std::uint64_t Count = 0;
};
BOOST_DESCRIBE_STRUCT(WireCount, (), (Count))

// The id in "<prefix><id>/".
std::optional<std::string> id_after(std::string_view prefix, std::string_view key) {
  if (!key.starts_with(prefix) || !key.ends_with('/')) return std::nullopt;
  const auto id = key.substr(prefix.size(), key.size() - prefix.size() - 1);
  if (id.empty() || id.find('/') != id.npos) return std::nullopt;
  return std::string(id);
}

template <typename T>
std::optional<T> document(const BoltEntry& entry) {
  if (entry.value.size() < kIndexSize) return std::nullopt;
  try {
    return json::from<T>(json::parse(std::string_view(entry.value).substr(kIndexSize)));
  } catch (const Error&) {
    return std::nullopt;
  }
}

// How many networks that are written down were made from each configuration network, by its id. Nothing when
// one cannot be read: a count that is too high does less harm than one that is too low.
std::map<std::string, std::uint64_t> configuration_users(const std::vector<BoltEntry>& entries) {
  std::map<std::string, std::string> names;
  std::map<std::string, std::uint64_t> by_name, by_id;
  for (const auto& entry : entries) {
    const auto id = id_after(kNetworks, entry.key);
    if (!id) continue;
    const auto network = document<WireNetwork>(entry);
    if (!network) return {};
    if (network->configOnly) names[*id] = network->name;
    if (!network->configFrom.empty()) ++by_name[network->configFrom];
  }
  for (const auto& [id, name] : names) by_id[id] = by_name[name];
  return by_id;
}

std::set<std::string> known_networks(const std::vector<BoltEntry>& entries) {
  std::set<std::string> known;
  for (const auto& entry : entries) {
    if (auto id = id_after(kNetworks, entry.key)) known.insert(std::move(*id));
  }
  return known;
}

}  // namespace

Tidied tidy(const std::vector<BoltEntry>& entries) {
  const auto known = known_networks(entries);
  const auto users = configuration_users(entries);
  Tidied tidied;
  for (const auto& entry : entries) {
    const auto bridge = id_after(kBridges, entry.key);
    if (bridge && !known.contains(*bridge)) {
      tidied.changes.push_back(
          fmt::format("network {}: only its driver knew of it; removed, Swarm makes it again", *bridge));
      continue;
    }
    tidied.entries.push_back(entry);
    const auto counted = id_after(kCounts, entry.key);
    const auto right = counted ? users.find(*counted) : users.end();
    if (right == users.end()) continue;
    const auto count = document<WireCount>(entry);
    if (!count || count->Count <= right->second) continue;
    tidied.entries.back().value =
        entry.value.substr(0, kIndexSize) + json::to_string(WireCount{right->second});
    tidied.changes.push_back(
        fmt::format("configuration {}: has {} users, not {}", *counted, right->second, count->Count));
  }
  return tidied;
}

}  // namespace deis::ctl
