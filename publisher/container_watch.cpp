#include "publisher/container_watch.h"

#include "publisher/probe.h"

namespace deis::publisher {

using namespace std::chrono_literals;

namespace {

// Those that are probed regularly wake us together: a thousand of them need no thousand timers.
Deadline in_step(ProbeState::Time wait) {
  constexpr ProbeState::Time kStep = 50ms;
  const Deadline exact = in(wait);
  if (wait < 10 * kStep) return exact;
  const auto late = exact.time_since_epoch() % kStep;
  return late.count() == 0 ? exact : exact - late + kStep;
}

}  // namespace

ContainerWatch::ContainerWatch(
    Executor executor, Target target, Checks& checks, Prober& prober, Tell tell, Log log)
    : target_(std::move(target)),
      checks_(checks),
      prober_(prober),
      tell_(std::move(tell)),
      log_(std::move(log)),
      wake_(executor) {}

void ContainerWatch::resume(Health health, std::string passed) {
  state_.resume(health);
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
    if (!watch->stopped_) co_await watch->wake_.wait(in_step(wait));
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
  if (result.is_our_own) {
    log_.warning("cannot probe", {{"job", target_.job.str()}, {"error", result.failure}});
    co_return timing_of(check).interval;
  }
  const Health before = state_.health();
  const auto running_for = std::chrono::system_clock::now() - target_.started_at - check.delay;
  const auto wait = state_.take(result, std::chrono::duration_cast<ProbeState::Time>(running_for));
  note_misses(result, before, check);
  tell();
  if (before != state_.health()) {
    log_.info(
        "endpoint changes state",
        {{"job", target_.job.str()}, {"state", name_of(state_.health())}, {"detail", state_.detail()}});
  }
  co_return wait;
}

void ContainerWatch::note_misses(
    const ProbeResult& result, Health before, const component::HealthCheck& check) {
  const auto now = std::chrono::steady_clock::now();
  dead_for_.reset();
  if (result.failure.empty()) return missing_since_.reset();
  if (!missing_since_) missing_since_ = now;
  const auto missing = now - *missing_since_;
  const bool told = before == Health::failing && state_.health() == Health::failing;
  if (told && state_.ever_up() && passed_ == check.path && missing >= check.restart_after())
    dead_for_ = std::chrono::round<std::chrono::seconds>(missing);
}

// The check of a container that serves may change under it. One that it has never passed must not end its
// service: until it passes, it is judged by whether its port accepts connections, and people are told.
Task<ProbeResult> ContainerWatch::judge(component::HealthCheck check) {
  ProbeResult result = co_await prober_.probe(target_, check);
  note_.clear();
  if (result.failure.empty()) passed_ = check.path;
  if (result.failure.empty() || state_.health() != Health::up || passed_ == check.path) co_return result;
  note_ = "does not pass its new health check: " + result.failure;
  component::HealthCheck accepts;
  accepts.timeout = check.timeout;
  co_return co_await prober_.probe(target_, accepts);
}

std::optional<std::chrono::seconds> ContainerWatch::dead_for() const {
  return dead_for_;
}

void ContainerWatch::tell() {
  if (stopped_) return;
  Target::Verdict now = verdict();
  if (told_ == now && state_.health() != Health::failing) return;
  told_ = std::move(now);
  tell_(*this);
}

Target::Verdict ContainerWatch::verdict() const {
  Target::Verdict verdict{
      .state = name_of(state_.health()),
      .detail = state_.detail(),
      .attempts = state_.attempts(),
      .passed = state_.ever_up() ? passed_ : std::nullopt};
  if (!target_.problem.empty()) {
    verdict.state = name_of(Health::failing);
    verdict.detail = target_.problem;
  } else if (verdict.detail.empty()) {
    verdict.detail = note_;
  }
  return verdict;
}

}  // namespace deis::publisher
