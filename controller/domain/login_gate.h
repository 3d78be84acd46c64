#pragma once
// Stands before every check of a password: who guesses, for one user or from one address, has to wait. Many
// right passwords at once pass; attempts under way count as failures until their end is known, so that a
// thousand guesses sent together are no more than ten. Loop thread only, nothing is kept over a restart.
//
// An address from which a user has logged in before has an account of its own with him: strangers who guess
// cannot lock him out of his usual place.

#include "controller/domain/failure_ledger.h"
#include "core/base/error.h"
#include "core/net/event.h"

#include <map>
#include <optional>

namespace deis::controller {

// Answered 429 with Retry-After.
class TooManyAttempts : public Error {
 public:
  explicit TooManyAttempts(std::chrono::seconds retry_after);
  std::chrono::seconds retry_after() const { return retry_after_; }

 private:
  std::chrono::seconds retry_after_;
};

class LoginGate {
 public:
  struct Rules {
    FailureLedger::Rule user{.failures = 10, .forgiving = std::chrono::seconds(30)};
    FailureLedger::Rule address{.failures = 100, .forgiving = std::chrono::seconds(3)};
    std::size_t maximum_names = 10'000;  // of each kind
  };
  LoginGate() : LoginGate(Rules()) {}
  explicit LoginGate(Rules rules);
  LoginGate(const LoginGate&) = delete;

  // One attempt under way. Ends as neither success nor failure when nothing is said: the check itself failed.
  // Must not outlive the gate.
  class Attempt {
   public:
    Attempt(Attempt&& other) noexcept;
    Attempt& operator=(Attempt&&) = delete;
    ~Attempt();
    void failed();
    void succeeded();

   private:
    friend class LoginGate;
    Attempt(LoginGate* gate, std::string user, std::string address);
    LoginGate* gate_;
    std::string user_, address_;
    std::string account_;  // the name in the ledger of users
  };

  // As if nobody had ever tried.
  void forget_all();
  // Waits while the attempts under way leave no room. Throws TooManyAttempts.
  Task<Attempt> enter(std::string user, std::string address);

 private:
  std::string account_of(const std::string& user, const std::string& address) const;
  bool has_place(const std::string& account, const std::string& network);
  void leave(const Attempt& attempt);
  void remember_place(const std::string& user, const std::string& network);

  Rules rules_;
  FailureLedger users_, addresses_;
  std::map<std::string, int> under_way_;  // by account and by network
  std::list<std::string> places_;         // "user network" of successful logins, the latest first
  std::unordered_map<std::string, std::list<std::string>::iterator> known_places_;
  std::optional<net::Event> changed_;  // an attempt has ended
};

// What addresses are counted by: the address itself, of IPv6 the /64 that one customer gets.
std::string network_of(const std::string& address);

}  // namespace deis::controller
