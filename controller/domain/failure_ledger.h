#pragma once
// Counts failures by name and forgives them one by one as time passes: who may fail again, and when. Bounded;
// the name that has not failed for the longest time is forgotten first. Pure: the time is passed in.

#include <chrono>
#include <list>
#include <string>
#include <unordered_map>

namespace deis::controller {

class FailureLedger {
 public:
  using Time = std::chrono::steady_clock::time_point;
  struct Rule {
    int failures;                         // that many at once ...
    std::chrono::milliseconds forgiving;  // ... and one more each time this has passed
  };
  FailureLedger(Rule rule, std::size_t maximum_names) : rule_(rule), maximum_names_(maximum_names) {}

  // How many more failures the name may have now.
  int room(const std::string& name, Time now) const;
  // When there will be room; `now` when there is some already.
  Time free_at(const std::string& name, Time now) const;
  void add(const std::string& name, Time now);
  void forget(const std::string& name);
  std::size_t size() const { return names_.size(); }

 private:
  // The point in time at which everything will be forgiven says all: each failure moves it.
  struct Record {
    std::string name;
    Time clean_at;
  };
  Time clean_at(const std::string& name, Time now) const;

  Rule rule_;
  std::size_t maximum_names_;
  std::list<Record> records_;  // the latest failure first
  std::unordered_map<std::string, std::list<Record>::iterator> names_;
};

}  // namespace deis::controller
