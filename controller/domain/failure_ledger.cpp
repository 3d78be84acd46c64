#include "controller/domain/failure_ledger.h"

#include <algorithm>

namespace deis::controller {

FailureLedger::Time FailureLedger::clean_at(const std::string& name, Time now) const {
  const auto found = names_.find(name);
  return found == names_.end() ? now : std::max(now, found->second->clean_at);
}

int FailureLedger::room(const std::string& name, Time now) const {
  const auto owed = clean_at(name, now) - now;
  const auto failures =
      (owed + rule_.forgiving - std::chrono::nanoseconds(1)) / rule_.forgiving;  // rounded up
  return std::max(0, rule_.failures - static_cast<int>(failures));
}

FailureLedger::Time FailureLedger::free_at(const std::string& name, Time now) const {
  return std::max(now, clean_at(name, now) - rule_.forgiving * (rule_.failures - 1));
}

void FailureLedger::add(const std::string& name, Time now) {
  const Time clean = clean_at(name, now) + rule_.forgiving;
  forget(name);
  records_.push_front({name, clean});
  names_[name] = records_.begin();
  if (records_.size() > maximum_names_) forget(std::string(records_.back().name));
}

void FailureLedger::forget(const std::string& name) {
  const auto found = names_.find(name);
  if (found == names_.end()) return;
  records_.erase(found->second);
  names_.erase(found);
}

}  // namespace deis::controller
