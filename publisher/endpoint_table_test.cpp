#include "publisher/endpoint_table.h"

#include "core/etcd/wanted_keys.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <deque>

namespace deis::publisher {
namespace {

using Holder = EndpointTable::Holder;

SystemTime at(int second) {
  return SystemTime(std::chrono::seconds(second));
}

Holder holder(std::string container, std::string key, std::string address, int started = 1) {
  return {
      .container = std::move(container),
      .key = std::move(key),
      .address = std::move(address),
      .started_at = at(started)};
}

TEST(EndpointTable, AContainerThatStartedLaterTakesTheAddress) {
  EndpointTable table;
  EXPECT_TRUE(table.admit(holder("old", "/shop", "10.0.0.2", 1), 0).held);
  const auto admission = table.admit(holder("new", "/blog", "10.0.0.2", 2), 0);
  EXPECT_TRUE(admission.held);
  ASSERT_EQ(admission.gone.size(), 1U);
  EXPECT_EQ(admission.gone[0].key, "/shop");
  EXPECT_FALSE(table.find("old"));
  EXPECT_FALSE(table.admit(holder("older", "/third", "10.0.0.2", 1), 0).held);
}

TEST(EndpointTable, AnAnswerFromBeforeAnEventDoesNotBringAContainerBack) {
  EndpointTable table;
  const auto asked = table.now();
  table.ended("c");
  EXPECT_FALSE(table.admit(holder("c", "/shop", "10.0.0.2"), asked).held);
  table.listed({}, table.now());  // and forgets that it ended
  EXPECT_FALSE(table.admit(holder("c", "/shop", "10.0.0.2"), asked).held);
}

TEST(EndpointTable, AListingFromBeforeAnEventDoesNotTakeAContainerOut) {
  EndpointTable table;
  const auto asked = table.now();
  table.started("c");
  EXPECT_TRUE(table.admit(holder("c", "/shop", "10.0.0.2"), table.now()).held);
  EXPECT_TRUE(table.listed({}, asked).gone.empty());
  EXPECT_EQ(table.listed({}, table.now()).gone.size(), 1U);
}

TEST(EndpointTable, AContainerThatHasAnotherAddressIsTakenOutAndLookedAtAgain) {
  EndpointTable table;
  table.admit(holder("c", "/shop", "10.0.0.2"), 0);
  const auto judgement = table.listed({{.container = "c", .address = "10.0.0.3"}}, table.now());
  EXPECT_EQ(judgement.gone.size(), 1U);
  EXPECT_EQ(judgement.to_look_at, std::vector<std::string>{"c"});
}

TEST(EndpointTable, WhoWasToldToEndIsNotHeldAgainWhileItRuns) {
  EndpointTable table;
  table.admit(holder("c", "/shop", "10.0.0.2"), 0);
  EXPECT_TRUE(table.told_to_end("c"));
  const auto judgement = table.listed({{.container = "c", .address = "10.0.0.2"}}, table.now());
  EXPECT_TRUE(judgement.to_look_at.empty());
  EXPECT_FALSE(table.admit(holder("c", "/shop", "10.0.0.2"), table.now()).held);
  table.ended("c");
  table.started("c");
  EXPECT_TRUE(table.admit(holder("c", "/shop", "10.0.0.2"), table.now()).held);
}

TEST(EndpointTable, WhatAPredecessorLeftIsConfirmedByTheFirstListingOrGone) {
  EndpointTable table;
  table.inherit(holder("same", "/a", "10.0.0.2"));
  table.inherit(holder("moved", "/b", "10.0.0.3"));
  table.inherit(holder("dead", "/c", "10.0.0.4"));
  const auto judgement = table.listed(
      {{.container = "same", .address = "10.0.0.2"}, {.container = "moved", .address = "10.0.0.4"}},
      table.now());
  EXPECT_EQ(judgement.gone.size(), 2U);
  EXPECT_TRUE(table.find("same"));
  EXPECT_TRUE(table.admit(holder("same", "/a", "10.0.0.2"), table.now()).gone.empty());
}

// A host with few addresses, so that they are used again all the time, and a publisher whose questions are
// answered late, whose writes are answered late or never, and which is restarted, as is Docker.
class World {
 public:
  struct Container {
    std::string app, address;
    int started = 0;
    std::string key() const { return "/deis/services/" + app + "/web.1"; }
  };

  void step(int choice) {
    switch (choice) {
      case 0:
      case 1:
        return start();
      case 2:
        return end();
      case 3:
        return restart_docker();
      case 4:
        return restart_publisher();
      case 5:
      case 6:
        return hear();
      case 7:
        return ask_for_list();
      case 8:
        return answer_list();
      case 9:
        return ask_to_inspect();
      case 10:
        return answer_inspection();
      case 11:
        return write(*rc::gen::inRange(0, 4) != 0);
      case 12:
        return lose_lease();
      default:
        return judge();
    }
  }

  void check() const {
    std::map<std::string, std::string> apps;
    for (const auto& [key, address] : etcd_) {
      const auto [place, is_new] = apps.emplace(address, key);
      RC_ASSERT(is_new);  // no two apps at one address, whatever is under way
    }
    if (!is_settled()) return;
    for (const auto& [key, address] : etcd_) {
      bool has_it = false;
      for (const auto& [id, container] : running_)
        has_it = has_it || (container.key() == key && container.address == address);
      RC_ASSERT(has_it);
    }
  }

  void settle() {
    if (!connected_) reconnect();
    while (!events_.empty()) hear();
    while (!inspections_.empty()) answer_inspection();
    listing_.reset();
    ask_for_list();
    answer_list();
    while (!to_look_at_.empty()) {
      ask_to_inspect();
      answer_inspection();
    }
    for (const auto& [id, container] : running_) publish(id);
    for (int i = 0; i < 9; ++i) write(true);
    check();
    RC_ASSERT(etcd_.size() == latest_by_key().size());
  }

 private:
  struct Event {
    std::string action, id;
  };
  struct Inspection {
    std::string id;
    std::optional<Container> seen;
    EndpointTable::Moment asked;
  };
  struct Listing {
    std::vector<EndpointTable::Running> running;
    EndpointTable::Moment asked;
  };

  // Docker.
  std::optional<std::string> free_address() const {
    for (int i = 2; i < 6; ++i) {
      const std::string address = "10.0.0." + std::to_string(i);
      bool used = false;
      for (const auto& [id, container] : running_) used = used || container.address == address;
      if (!used) return address;
    }
    return std::nullopt;
  }
  void start() {
    const auto address = free_address();
    if (!address) return;
    const std::string id = "c" + std::to_string(++clock_);
    const std::string app = *rc::gen::element<std::string>("shop", "blog", "wiki", "mail");
    for (const auto& [other, container] : running_) {
      if (container.app == app) return;  // a job has one container
    }
    running_[id] = Container{.app = app, .address = *address, .started = clock_};
    tell("start", id);
  }
  void end() {
    if (running_.empty()) return;
    const auto victim =
        std::next(running_.begin(), *rc::gen::inRange<int>(0, static_cast<int>(running_.size())));
    const std::string id = victim->first;
    running_.erase(victim);
    tell("die", id);
  }
  // Nobody hears of it but by the end of the event stream. The same containers may come back.
  void restart_docker() {
    const auto before = std::exchange(running_, {});
    events_.clear();
    connected_ = false;
    for (const auto& [id, container] : before) {
      if (*rc::gen::arbitrary<bool>()) continue;
      auto again = container;
      again.address = *free_address();
      again.started = ++clock_;
      running_[id] = again;
    }
  }
  void tell(std::string action, std::string id) {
    if (connected_) events_.push_back({std::move(action), std::move(id)});
  }

  // The publisher, as publisher.cpp drives its parts.
  void restart_publisher() {
    table_ = EndpointTable();
    keys_ = etcd::WantedKeys();
    inherited_.clear();
    to_look_at_.clear();
    std::swap(lease_, old_lease_);
    events_.clear();
    connected_ = recalled_ = false;
  }
  void reconnect() {
    connected_ = true;
    inspections_.clear();
    listing_.reset();
    if (!std::exchange(recalled_, true)) {
      for (const auto& [key, address] : etcd_) {
        const auto& [id, value] = owners_.at(key);
        keys_.may_exist(key);
        table_.inherit({.container = id, .key = key, .address = address});
        const auto* held = table_.find(id);
        if (held && held->key == key)
          inherited_[id] = value;
        else
          keys_.unset(key);
      }
    }
    ask_for_list();
    answer_list();
    for (const auto& [id, value] : inherited_) {
      if (const auto* held = table_.find(id)) set(held->key, id, value);
    }
  }
  void hear() {
    if (!connected_) return reconnect();
    if (events_.empty()) return;
    const Event event = events_.front();
    events_.pop_front();
    if (event.action == "start") {
      table_.started(event.id);
      to_look_at_.push_front(event.id);
    } else if (const auto gone = table_.ended(event.id)) {
      withdraw(*gone);
    }
  }
  void ask_for_list() {
    if (!connected_ || listing_) return;
    listing_.emplace();
    listing_->asked = table_.now();
    for (const auto& [id, container] : running_)
      listing_->running.push_back({.container = id, .address = container.address});
  }
  void answer_list() {
    if (!connected_ || !listing_) return;
    const auto judgement = table_.listed(listing_->running, listing_->asked);
    listing_.reset();
    for (const auto& gone : judgement.gone) withdraw(gone);
    for (const auto& id : judgement.to_look_at) to_look_at_.push_back(id);
  }
  void ask_to_inspect() {
    if (!connected_ || to_look_at_.empty()) return;
    const std::string id = to_look_at_.front();
    to_look_at_.pop_front();
    if (!table_.may_look_at(id)) return;
    const auto found = running_.find(id);
    inspections_.push_back({.id = id, .seen = {}, .asked = table_.now()});
    if (found != running_.end()) inspections_.back().seen = found->second;
  }
  void answer_inspection() {
    if (!connected_ || inspections_.empty()) return;
    const auto place =
        std::next(inspections_.begin(), *rc::gen::inRange<int>(0, static_cast<int>(inspections_.size())));
    const Inspection answer = *place;
    inspections_.erase(place);
    if (!answer.seen) {
      if (const auto gone = table_.found_ended(answer.id, answer.asked)) withdraw(*gone);
      return;
    }
    const auto admission = table_.admit(
        holder(answer.id, answer.seen->key(), answer.seen->address, answer.seen->started), answer.asked);
    for (const auto& gone : admission.gone) withdraw(gone);
  }
  void judge() {
    if (running_.empty()) return;
    const auto one =
        std::next(running_.begin(), *rc::gen::inRange<int>(0, static_cast<int>(running_.size())));
    publish(one->first);
  }
  void publish(const std::string& id) {  // a probe has its verdict
    const auto* held = table_.find(id);
    if (!held) return;
    inherited_.erase(id);
    set(held->key, id, held->address);
  }
  void set(const std::string& key, const std::string& id, const std::string& address) {
    keys_.set(key, id + " " + address);
  }
  void withdraw(const Holder& gone) {
    inherited_.erase(gone.container);
    keys_.unset(gone.key);
  }

  // etcd: every transaction arrives, its answer may not.
  void write(bool answered) {
    const auto operations = keys_.missing(lease_);
    if (operations.empty() || !connected_) return;
    keys_.sent(operations);
    for (const auto& operation : operations) {
      if (operation.kind == etcd::Operation::Kind::erase) {
        etcd_.erase(operation.key);
        continue;
      }
      const auto blank = operation.value.find(' ');
      etcd_[operation.key] = operation.value.substr(blank + 1);
      owners_[operation.key] = {operation.value.substr(0, blank), etcd_[operation.key]};
      leases_[operation.key] = operation.lease;
    }
    if (answered) keys_.done(operations);
  }
  void lose_lease() {
    std::erase_if(etcd_, [&](const auto& entry) { return leases_[entry.first] == lease_; });
    keys_.lease_lost();
  }

  bool is_settled() const {
    return connected_ && events_.empty() && inspections_.empty() && !listing_ &&
           keys_.missing(lease_).empty();
  }
  std::map<std::string, int> latest_by_key() const {
    std::map<std::string, int> keys;
    for (const auto& [id, container] : running_) keys[container.key()] = container.started;
    return keys;
  }

  int clock_ = 0;
  std::map<std::string, Container> running_;
  std::deque<Event> events_;
  bool connected_ = false, recalled_ = false;
  EndpointTable table_;
  etcd::WantedKeys keys_;
  etcd::LeaseId lease_ = 1, old_lease_ = 2;
  std::map<std::string, std::string> inherited_;
  std::deque<std::string> to_look_at_;
  std::deque<Inspection> inspections_;
  std::optional<Listing> listing_;
  std::map<std::string, std::string> etcd_;                            // key to address
  std::map<std::string, std::pair<std::string, std::string>> owners_;  // key to container and address
  std::map<std::string, etcd::LeaseId> leases_;
};

TEST(EndpointTable, NeverPublishesAnAddressForTwoAppsNorForAContainerThatDoesNotHaveIt) {
  EXPECT_TRUE(rc::check("any history", [] {
    const auto any = rc::gen::container<std::vector<int>>(rc::gen::inRange(0, 15));
    const auto histories = *rc::gen::container<std::vector<std::vector<int>>>(20, rc::gen::resize(500, any));
    for (const auto& history : histories) {
      World world;
      for (const int choice : history) {
        world.step(choice);
        world.check();
      }
      world.settle();
    }
  }));
}

}  // namespace
}  // namespace deis::publisher
