#include "controller/scheduler/memory_engine.h"

#include "controller/scheduler/engine_contract.h"

namespace deis::controller {
namespace {

JobSpec spec_of(const std::string& name) {
  return JobSpec{.name = JobName::parse(name), .image = "localhost:5000/shop:git-1"};
}

Task<> with_engine(contract::EngineTest test) {
  MemoryEngine engine;
  MemoryEngine::Script crash{.crash = true, .exit_code = 3, .log = "oops\n"};
  const auto make = [](const std::string& job) { return spec_of("shop" + job); };
  const auto make_crashing = [&](const std::string& job) {
    engine.script(JobName::parse("shop" + job), crash);
    return spec_of("shop" + job);
  };
  contract::EngineUnderTest under_test{engine, make, make_crashing, make, "shop"};
  co_await test(std::move(under_test));
}

DEIS_ENGINE_CONTRACT(MemoryEngine)

CO_TEST(MemoryEngine, FailsAsOftenAsItIsTold) {
  MemoryEngine engine;
  engine.set_failure_rates(MemoryEngine::FailureRates{.create = 1});
  bool failed = false;
  try {
    co_await engine.create(spec_of("shop_v2.web.1"), Deadline::max());
  } catch (const Error& error) {
    failed = error.code() == ErrorCode::unavailable;
  }
  EXPECT_TRUE(failed);
  const auto list = co_await engine.status(std::nullopt, Deadline::max());
  CO_ASSERT_EQ(list.size(), 1u);
  EXPECT_EQ(list[0].state, JobState::error);

  engine.set_failure_rates(MemoryEngine::FailureRates{.start = 1});
  co_await engine.create(spec_of("shop_v2.web.2"), Deadline::max());
  const auto both = co_await engine.status(std::nullopt, Deadline::max());
  CO_ASSERT_EQ(both.size(), 2u);
  EXPECT_EQ(both[1].state, JobState::crashed);
}

}  // namespace
}  // namespace deis::controller
