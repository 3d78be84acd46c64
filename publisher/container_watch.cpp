#include "publisher/container_watch.h"

#include "publisher/probe.h"

namespace deis::publisher {

using namespace std::chrono_literals;

ContainerWatch::ContainerWatch(Executor executor, Target target, Checks& checks, Tell tell, Log log)
    : executor_(executor),
      target_(std::move(target)),
      checks_(checks),
      tell_(std::move(tell)),
      log_(std::move(log)),
      wake_(executor) {}

void ContainerWatch::resume(std::optional<std::string> passed) {
  state_.resume();
  passed_ = std::move(passed);
}

void ContainerWatch::stop() {
  stopped_ = true;
  wake_.notify();
}

Task<> ContainerWatch::run(std::shared_ptr<ContainerWatch> watch) {
  if (!watch->target_.problem.empty()) {  // and it will stay
    watch->tell();
    co_return;
  }
  co_await watch->wait_for_first_probe();
  while (!watch->stopped_) {
    const auto wait = co_await watch->probe_once();
    if (!watch->stopped_) co_await watch->wake_.wait(in(wait));
  }
}

// Until it is known how to probe the container, and its delay is over. It may be over for long: we may have
// been restarted.
Task<> ContainerWatch::wait_for_first_probe() {
  co_await checks_.wait_until_known();
  while (!stopped_ && state_.health() == Health::starting) {
    const auto left = target_.started_at + checks_.of(target_).delay - std::chrono::system_clock::now();
    if (left <= 0s) co_return;
    tell();
    co_await wake_.wait(in(std::chrono::duration_cast<std::chrono::milliseconds>(left) + 1ms));
  }
}

Task<ProbeState::Time> ContainerWatch::probe_once() {
  const component::HealthCheck check = checks_.of(target_);
  state_.follow(timing_of(check));
  const ProbeResult result = co_await judge(check);
  if (stopped_) co_return ProbeState::Time(0);
  const Health before = state_.health();
  const auto running_for = std::chrono::system_clock::now() - target_.started_at - check.delay;
  const auto wait = state_.take(result, std::chrono::duration_cast<ProbeState::Time>(running_for));
  tell();
  if (before != state_.health()) {
    log_.info(
        "endpoint changes state",
        {{"job", target_.job.str()}, {"state", name_of(state_.health())}, {"detail", state_.detail()}});
  }
  co_return wait;
}

// The check of a container that serves may change under it. One that it has never passed must not end its
// service: until it passes, it is judged by whether its port accepts connections, and people are told.
Task<ProbeResult> ContainerWatch::judge(component::HealthCheck check) {
  ProbeResult result = co_await probe(executor_, target_, check);
  note_.clear();
  if (result.failure.empty()) passed_ = check.path;
  if (result.failure.empty() || state_.health() != Health::up || passed_ == check.path) co_return result;
  note_ = "does not pass its new health check: " + result.failure;
  component::HealthCheck accepts;
  accepts.timeout = check.timeout;
  co_return co_await probe(executor_, target_, accepts);
}

void ContainerWatch::tell() {
  if (!stopped_) tell_(*this);
}

Target::Verdict ContainerWatch::verdict() const {
  Target::Verdict verdict{
      .state = name_of(state_.health()),
      .detail = state_.detail(),
      .attempts = state_.attempts(),
      .passed = passed_};
  if (!target_.problem.empty()) {
    verdict.state = name_of(Health::failing);
    verdict.detail = target_.problem;
  } else if (verdict.detail.empty()) {
    verdict.detail = note_;
  }
  return verdict;
}

}  // namespace deis::publisher
