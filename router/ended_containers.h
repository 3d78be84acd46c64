#pragma once
// Containers that are known to have ended. Bounded: the oldest are forgotten, of which etcd has told long
// since.

#include <cstddef>
#include <deque>
#include <set>
#include <string>

namespace deis::router {

class EndedContainers {
 public:
  explicit EndedContainers(std::size_t most = 10'000) : most_(most) {}

  // Whether that is news.
  bool add(const std::string& container) {
    if (!ended_.insert(container).second) return false;
    order_.push_back(container);
    if (order_.size() > most_) {
      ended_.erase(order_.front());
      order_.pop_front();
    }
    return true;
  }
  // It runs after all, or again.
  bool remove(const std::string& container) {
    if (ended_.erase(container) == 0) return false;
    std::erase(order_, container);
    return true;
  }
  bool contains(const std::string& container) const { return ended_.contains(container); }

 private:
  std::size_t most_;
  std::set<std::string> ended_;
  std::deque<std::string> order_;  // the same, oldest first
};

}  // namespace deis::router
