#include "controller/domain/login_gate.h"

#include <boost/asio/ip/address.hpp>
#include <boost/asio/this_coro.hpp>
#include <fmt/format.h>

#include <algorithm>

namespace deis::controller {
namespace {

constexpr std::chrono::seconds kWait{30};  // for attempts under way

FailureLedger::Time now() {
  return std::chrono::steady_clock::now();
}

std::chrono::seconds seconds_until(FailureLedger::Time when) {
  return std::max(std::chrono::seconds(1), std::chrono::ceil<std::chrono::seconds>(when - now()));
}

// No name holds a line end, so nobody can make up a name that is somebody else's place.
std::string place_of(const std::string& user, const std::string& network) {
  return user + '\n' + network;
}

}  // namespace

TooManyAttempts::TooManyAttempts(std::chrono::seconds retry_after)
    : Error(
          ErrorCode::unavailable,
          fmt::format("Too many failed login attempts: try again in {} seconds.", retry_after.count())),
      retry_after_(retry_after) {}

std::string network_of(const std::string& address) {
  boost::system::error_code error;
  const auto parsed = boost::asio::ip::make_address(address, error);
  if (error || !parsed.is_v6()) return address;
  auto bytes = parsed.to_v6().to_bytes();
  std::fill(bytes.begin() + 8, bytes.end(), static_cast<unsigned char>(0));
  return boost::asio::ip::make_address_v6(bytes).to_string() + "/64";
}

LoginGate::LoginGate(Rules rules)
    : rules_(rules),
      users_(rules.user, rules.maximum_names),
      addresses_(rules.address, rules.maximum_names) {}

LoginGate::Attempt::Attempt(LoginGate* gate, std::string user, std::string address)
    : gate_(gate), user_(std::move(user)), address_(std::move(address)) {
  account_ = gate_->account_of(user_, address_);
  ++gate_->under_way_[account_];
  ++gate_->under_way_[address_];
}

LoginGate::Attempt::Attempt(Attempt&& other) noexcept
    : gate_(std::exchange(other.gate_, nullptr)),
      user_(std::move(other.user_)),
      address_(std::move(other.address_)),
      account_(std::move(other.account_)) {}

LoginGate::Attempt::~Attempt() {
  if (gate_) gate_->leave(*this);
}

void LoginGate::Attempt::failed() {
  gate_->users_.add(account_, now());
  gate_->addresses_.add(address_, now());
}

void LoginGate::Attempt::succeeded() {
  gate_->users_.forget(account_);
  gate_->remember_place(user_, address_);
}

std::string LoginGate::account_of(const std::string& user, const std::string& network) const {
  const std::string place = place_of(user, network);
  return "user " + (known_places_.contains(place) ? place : user);
}

bool LoginGate::has_place(const std::string& account, const std::string& network) {
  const auto at = now();
  const int room_of_user = users_.room(account, at), room_of_address = addresses_.room(network, at);
  if (room_of_user == 0 || room_of_address == 0) {
    throw TooManyAttempts(
        seconds_until(std::max(users_.free_at(account, at), addresses_.free_at(network, at))));
  }
  const auto under_way = [this](const std::string& name) {
    const auto found = under_way_.find(name);
    return found == under_way_.end() ? 0 : found->second;
  };
  return under_way(account) < room_of_user && under_way(network) < room_of_address;
}

Task<LoginGate::Attempt> LoginGate::enter(std::string user, std::string address) {
  if (!changed_) changed_.emplace(co_await asio::this_coro::executor);
  const std::string network = network_of(address);
  const Deadline deadline = in(kWait);
  while (!has_place(account_of(user, network), network)) {
    const bool in_time = co_await changed_->wait(deadline);
    if (!in_time) throw TooManyAttempts(kWait);
  }
  Attempt attempt(this, std::move(user), network);
  co_return attempt;
}

void LoginGate::forget_all() {
  users_ = FailureLedger(rules_.user, rules_.maximum_names);
  addresses_ = FailureLedger(rules_.address, rules_.maximum_names);
  known_places_.clear();
  places_.clear();
}

void LoginGate::leave(const Attempt& attempt) {
  for (const std::string& name : {attempt.account_, attempt.address_}) {
    const auto found = under_way_.find(name);
    if (--found->second == 0) under_way_.erase(found);
  }
  changed_->notify();
}

void LoginGate::remember_place(const std::string& user, const std::string& network) {
  std::string place = place_of(user, network);
  if (const auto known = known_places_.find(place); known != known_places_.end()) {
    places_.splice(places_.begin(), places_, known->second);
    return;
  }
  places_.push_front(std::move(place));
  known_places_[places_.front()] = places_.begin();
  if (places_.size() <= rules_.maximum_names) return;
  known_places_.erase(places_.back());
  places_.pop_back();
}

}  // namespace deis::controller
