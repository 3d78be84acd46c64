#pragma once
// What every Engine keeps, as tests. An engine's test file includes this and says how to make one:
//   Task<> with_engine(EngineTest test)   runs `test` with a fresh engine and specs that run for long.

#include "controller/scheduler/engine.h"
#include "core/base/error.h"
#include "core/net/co_test.h"

#include <algorithm>
#include <functional>

namespace deis::controller::contract {

struct EngineUnderTest {
  Engine& engine;
  std::function<JobSpec(const std::string& job)> long_running;  // runs until it is ended
  std::function<JobSpec(const std::string& job)>
      crashing;  // ends at once with exit code 3, after a line "oops"
  std::function<JobSpec(const std::string& job)> one_off;  // a command that ends with 0 and some output
  std::string app;
};
using EngineTest = std::function<Task<>(EngineUnderTest)>;

inline Deadline soon() {
  return in(std::chrono::seconds(60));
}

inline Task<std::optional<JobStatus>> status_of(Engine& engine, JobName job) {
  const std::optional<AppId> app = job.app;
  const auto list = co_await engine.status(app, soon());
  for (const auto& status : list) {
    if (status.name == job) co_return status;
  }
  co_return std::nullopt;
}

// Polls until the job is as wanted; fails the test when it never is.
inline Task<JobStatus> wait_for(Engine& engine, JobName job, std::function<bool(const JobStatus&)> wanted) {
  const Deadline deadline = soon();
  for (;;) {
    const auto status = co_await status_of(engine, job);
    if (status && wanted(*status)) co_return *status;
    if (std::chrono::steady_clock::now() > deadline)
      throw Error(ErrorCode::timeout, job.str() + " did not get there");
    co_await net::sleep_for(std::chrono::milliseconds(50));
  }
}

inline bool is_up(const JobStatus& status) {
  return status.state == JobState::up;
}

inline Task<> runs_what_it_is_told(EngineUnderTest t) {
  const auto spec = t.long_running("_v2.web.1");
  co_await t.engine.create(spec, soon());
  const auto status = co_await wait_for(t.engine, spec.name, is_up);
  EXPECT_FALSE(status.container_id.empty());
  EXPECT_EQ(status.failures, 0);
  EXPECT_TRUE(status.running_for_ms.has_value());
}

inline Task<> creating_twice_changes_nothing(EngineUnderTest t) {
  const auto spec = t.long_running("_v2.web.1");
  co_await t.engine.create(spec, soon());
  const auto before = co_await wait_for(t.engine, spec.name, is_up);
  co_await t.engine.create(spec, soon());
  const auto after = co_await wait_for(t.engine, spec.name, is_up);
  EXPECT_EQ(before.container_id, after.container_id);
}

inline Task<> another_spec_replaces_the_container(EngineUnderTest t) {
  auto spec = t.long_running("_v2.web.1");
  co_await t.engine.create(spec, soon());
  const auto before = co_await wait_for(t.engine, spec.name, is_up);
  spec.env["COLOUR"] = "green";
  co_await t.engine.create(spec, soon());
  const auto changed = [&](const JobStatus& now) {
    return is_up(now) && now.container_id != before.container_id;
  };
  co_await wait_for(t.engine, spec.name, changed);
}

inline Task<> forgets_what_it_removed(EngineUnderTest t) {
  const auto spec = t.long_running("_v2.web.1");
  co_await t.engine.create(spec, soon());
  co_await t.engine.remove(spec.name, soon());
  const auto gone = co_await status_of(t.engine, spec.name);
  EXPECT_FALSE(gone.has_value());
  co_await t.engine.remove(spec.name, soon());
}

inline Task<> restarting_replaces_the_container_and_counts_no_failure(EngineUnderTest t) {
  const auto spec = t.long_running("_v2.web.1");
  co_await t.engine.create(spec, soon());
  const auto before = co_await wait_for(t.engine, spec.name, is_up);
  co_await t.engine.restart(spec.name, soon());
  const auto changed = [&](const JobStatus& now) {
    return is_up(now) && now.container_id != before.container_id;
  };
  const auto after = co_await wait_for(t.engine, spec.name, changed);
  EXPECT_EQ(after.failures, 0);
}

inline Task<> restarting_what_is_not_there_fails(EngineUnderTest t) {
  const auto spec = t.long_running("_v2.web.7");
  bool refused = false;
  try {
    co_await t.engine.restart(spec.name, soon());
  } catch (const Error& error) {
    refused = error.code() == ErrorCode::not_found;
  }
  EXPECT_TRUE(refused);
}

inline Task<> tells_why_a_container_crashes(EngineUnderTest t) {
  const auto spec = t.crashing("_v2.worker.1");
  co_await t.engine.create(spec, soon());
  const auto twice = [](const JobStatus& now) { return now.failures >= 2; };
  const auto status = co_await wait_for(t.engine, spec.name, twice);
  EXPECT_EQ(status.state, JobState::crashed);
  EXPECT_NE(status.detail.find("exited with code 3"), std::string::npos) << status.detail;
  const auto lines = co_await t.engine.last_log_lines(spec.name, 20, soon());
  EXPECT_NE(lines.find("oops"), std::string::npos) << lines;
}

inline Task<> shows_the_jobs_of_one_app(EngineUnderTest t) {
  const auto spec = t.long_running("_v2.web.1");
  co_await t.engine.create(spec, soon());
  const std::optional<AppId> other = AppId::parse("nobody-has-this"), all;
  const auto none = co_await t.engine.status(other, soon());
  EXPECT_TRUE(none.empty());
  const auto everything = co_await t.engine.status(all, soon());
  const auto ours = [&](const JobStatus& status) { return status.name == spec.name; };
  EXPECT_EQ(std::count_if(everything.begin(), everything.end(), ours), 1);
}

inline Task<> runs_a_command_and_leaves_nothing(EngineUnderTest t) {
  const auto spec = t.one_off("_v2.run.1");
  const auto result = co_await t.engine.run(spec, soon());
  EXPECT_EQ(result.exit_code, 0);
  EXPECT_FALSE(result.output.empty());
  const Deadline deadline = soon();
  for (;;) {
    const auto left = co_await status_of(t.engine, spec.name);
    if (!left) co_return;
    CO_ASSERT_TRUE(std::chrono::steady_clock::now() < deadline);
    co_await net::sleep_for(std::chrono::milliseconds(20));
  }
}

inline Task<> has_no_log_of_what_it_does_not_know(EngineUnderTest t) {
  const auto spec = t.long_running("_v2.web.9");
  const auto lines = co_await t.engine.last_log_lines(spec.name, 20, soon());
  EXPECT_EQ(lines, "");
  co_await t.engine.remove_app_images(spec.name.app, soon());
}

// One TEST per promise. `with_engine` is a function of the including file.
#define DEIS_ENGINE_TEST(Suite, Name, promise)                                             \
  TEST(Suite, Name) {                                                                      \
    ::deis::net::run_test_task(with_engine(contract::promise), std::chrono::seconds(120)); \
  }
#define DEIS_ENGINE_CONTRACT(Suite)                                                                   \
  DEIS_ENGINE_TEST(Suite, RunsWhatItIsTold, runs_what_it_is_told)                                     \
  DEIS_ENGINE_TEST(Suite, CreatingTwiceChangesNothing, creating_twice_changes_nothing)                \
  DEIS_ENGINE_TEST(Suite, AnotherSpecReplacesTheContainer, another_spec_replaces_the_container)       \
  DEIS_ENGINE_TEST(Suite, ForgetsWhatItRemoved, forgets_what_it_removed)                              \
  DEIS_ENGINE_TEST(                                                                                   \
      Suite, RestartingReplacesTheContainer, restarting_replaces_the_container_and_counts_no_failure) \
  DEIS_ENGINE_TEST(Suite, RestartingWhatIsNotThereFails, restarting_what_is_not_there_fails)          \
  DEIS_ENGINE_TEST(Suite, TellsWhyAContainerCrashes, tells_why_a_container_crashes)                   \
  DEIS_ENGINE_TEST(Suite, ShowsTheJobsOfOneApp, shows_the_jobs_of_one_app)                            \
  DEIS_ENGINE_TEST(Suite, RunsACommandAndLeavesNothing, runs_a_command_and_leaves_nothing)            \
  DEIS_ENGINE_TEST(Suite, HasNoLogOfWhatItDoesNotKnow, has_no_log_of_what_it_does_not_know)

}  // namespace deis::controller::contract
