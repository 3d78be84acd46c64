#include "core/etcd/wanted_keys.h"

#include <algorithm>

namespace deis::etcd {
namespace {

constexpr std::size_t kMaxOperations = 100;  // etcd's own limit for a transaction is 128

}  // namespace

bool WantedKeys::set(std::string key, std::string value) {
  auto [place, inserted] = wanted_.try_emplace(std::move(key), value);
  if (!inserted && place->second == value) return false;
  place->second = std::move(value);
  return true;
}

bool WantedKeys::unset(const std::string& key) {
  wanted_.erase(key);
  return written_.contains(key) && retracted_.insert(key).second;
}

void WantedKeys::may_exist(const std::string& key) {
  written_.try_emplace(key, std::nullopt);
}

std::vector<Operation> WantedKeys::missing(LeaseId lease) const {
  std::vector<Operation> operations;
  for (const auto& key : retracted_) {
    if (operations.size() == kMaxOperations) return operations;
    operations.push_back(Operation{.kind = Operation::Kind::erase, .key = key});
  }
  if (!operations.empty()) return operations;
  for (const auto& [key, value] : wanted_) {
    if (operations.size() == kMaxOperations) return operations;
    if (is_there(key)) continue;
    operations.push_back(Operation{.kind = Operation::Kind::put, .key = key, .value = value, .lease = lease});
  }
  return operations;
}

bool WantedKeys::is_there(const std::string& key) const {
  const auto wanted = wanted_.find(key);
  const auto written = written_.find(key);
  return wanted != wanted_.end() && written != written_.end() && written->second == wanted->second &&
         !retracted_.contains(key);
}

// An answer may get lost behind a write that happened; until it is there the key counts as neither old nor
// new.
void WantedKeys::sent(const std::vector<Operation>& operations) {
  for (const auto& operation : operations) written_[operation.key] = std::nullopt;
}

void WantedKeys::done(const std::vector<Operation>& operations) {
  for (const auto& operation : operations) {
    if (operation.kind == Operation::Kind::put) {
      written_[operation.key] = operation.value;
    } else {
      written_.erase(operation.key);
      retracted_.erase(operation.key);
    }
  }
}

// Somebody else may have removed or overwritten our keys; those are no longer under our lease. What is under
// it and not wanted is a write of ours that was given up and arrived after all.
void WantedKeys::lease_holds(const std::vector<std::string>& keys) {
  for (auto& [key, value] : written_) {
    if (!std::ranges::binary_search(keys, key)) value.reset();
  }
  for (const auto& key : keys) {
    if (wanted_.contains(key)) continue;
    may_exist(key);
    retracted_.insert(key);
  }
}

void WantedKeys::lease_lost() {
  for (auto& [key, value] : written_) value.reset();
}

}  // namespace deis::etcd
