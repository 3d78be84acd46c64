#include "controller/domain/login_gate.h"

#include "core/net/co_test.h"
#include "core/net/task_group.h"

#include <boost/asio/this_coro.hpp>

namespace deis::controller {
namespace {

using namespace std::chrono_literals;

LoginGate::Rules rules(int user, int address) {
  LoginGate::Rules rules;
  rules.user = {.failures = user, .forgiving = 1h};
  rules.address = {.failures = address, .forgiving = 1h};
  return rules;
}

Task<> fail(LoginGate& gate, std::string user, std::string address) {
  auto attempt = co_await gate.enter(std::move(user), std::move(address));
  attempt.failed();
}

Task<> succeed(LoginGate& gate, std::string user, std::string address) {
  auto attempt = co_await gate.enter(std::move(user), std::move(address));
  attempt.succeeded();
}

Task<bool> is_refused(LoginGate& gate, std::string user, std::string address) {
  try {
    const auto attempt = co_await gate.enter(std::move(user), std::move(address));
  } catch (const TooManyAttempts& error) {
    EXPECT_GT(error.retry_after(), 59min);
    co_return true;
  }
  co_return false;
}

CO_TEST(LoginGate, RefusesAUserAfterTooManyFailuresWhereverTheyComeFrom) {
  LoginGate gate(rules(3, 100));
  for (int i = 0; i < 3; ++i) co_await fail(gate, "ann", "10.0.0." + std::to_string(i));
  const bool ann = co_await is_refused(gate, "ann", "10.0.0.9");
  EXPECT_TRUE(ann);
  const bool bob = co_await is_refused(gate, "bob", "10.0.0.1");
  EXPECT_FALSE(bob);
}

CO_TEST(LoginGate, RefusesAnAddressAfterTooManyFailuresWhomeverTheyWereFor) {
  LoginGate gate(rules(100, 3));
  for (int i = 0; i < 3; ++i)
    co_await fail(gate, "user" + std::to_string(i), "2001:db8::" + std::to_string(i + 1));
  const bool same_network = co_await is_refused(gate, "ann", "2001:db8::ffff");
  EXPECT_TRUE(same_network);
  const bool other = co_await is_refused(gate, "ann", "2001:db8:0:1::1");
  EXPECT_FALSE(other);
}

CO_TEST(LoginGate, ForgetsAUsersFailuresWhenHeLogsIn) {
  LoginGate gate(rules(2, 100));
  for (int i = 0; i < 5; ++i) {
    co_await fail(gate, "ann", "10.0.0.1");
    co_await succeed(gate, "ann", "10.0.0.1");
  }
  const bool refused = co_await is_refused(gate, "ann", "10.0.0.1");
  EXPECT_FALSE(refused);
}

CO_TEST(LoginGate, LetsAUserInWhereHeLoggedInBeforeWhateverStrangersTry) {
  LoginGate gate(rules(2, 100));
  co_await succeed(gate, "ann", "10.0.0.1");
  for (int i = 0; i < 2; ++i) co_await fail(gate, "ann", "10.0.0.66");
  const bool elsewhere = co_await is_refused(gate, "ann", "10.0.0.67");
  EXPECT_TRUE(elsewhere);
  const bool at_home = co_await is_refused(gate, "ann", "10.0.0.1");
  EXPECT_FALSE(at_home);
}

Task<> guess(LoginGate& gate, net::Event& start, int& tried) {
  try {
    auto attempt = co_await gate.enter("ann", "10.0.0.1");
    ++tried;
    co_await start.wait(in(5s));
    attempt.failed();
  } catch (const TooManyAttempts&) {
  }
}

CO_TEST(LoginGate, CountsGuessesThatAreSentTogether) {
  const Executor executor = co_await asio::this_coro::executor;
  LoginGate gate(rules(3, 100));
  net::Event start(executor);
  net::TaskGroup group(executor);
  int tried = 0;
  for (int i = 0; i < 50; ++i) group.spawn(guess(gate, start, tried));
  const auto all_allowed_have_tried = [&tried] { return tried >= 3; };
  co_await net::eventually(all_allowed_have_tried, "three guesses are tried");
  start.notify();
  co_await group.join();
  EXPECT_EQ(tried, 3);
}

Task<> log_in(LoginGate& gate, int& passed) {
  auto attempt = co_await gate.enter("ann", "10.0.0.1");
  co_await net::sleep_for(1ms);
  attempt.succeeded();
  ++passed;
}

CO_TEST(LoginGate, LetsManyRightPasswordsThroughTogether) {
  const Executor executor = co_await asio::this_coro::executor;
  LoginGate gate(rules(3, 100));
  net::TaskGroup group(executor);
  int passed = 0;
  for (int i = 0; i < 50; ++i) group.spawn(log_in(gate, passed));
  co_await group.join();
  EXPECT_EQ(passed, 50);
}

}  // namespace
}  // namespace deis::controller
