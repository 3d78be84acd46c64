#include "controller/scheduler/memory_publisher.h"

#include "controller/scheduler/cluster_view.h"
#include "core/base/error.h"
#include "core/base/text.h"
#include "core/json/json.h"

#include <fmt/format.h>

#include <algorithm>

namespace deis::controller {
namespace {

constexpr int kPort = 5000;
constexpr std::size_t kBatch = 100;  // operations of one transaction; etcd takes 128
constexpr std::chrono::seconds kEtcdLimit{10};
constexpr std::chrono::milliseconds kAgain{200};
constexpr auto kFailedProbe = "got '500', expected: '200'";
constexpr int kFailedAttempts = 4;

std::string service_key(const std::string& job) {
  return kServicesPrefix + JobName::parse(job).app.str() + "/" + job;
}

}  // namespace

MemoryPublisher::MemoryPublisher(Executor executor, etcd::Client& etcd, Log log)
    : etcd_(etcd), log_(std::move(log)), changed_(executor) {}

void MemoryPublisher::container(const JobName& job, JobState state, const std::string& id) {
  const std::string name = job.str();
  const auto known = shown_.find(name);
  if (state == JobState::up) {
    Shown& shown = shown_[name];
    shown = Shown{.container = id};
    const bool fails =
        failure_rate_ > 0 && std::uniform_real_distribution<double>(0, 1)(random_) < failure_rate_;
    if (fails) shown.words = Words{.state = "failing", .detail = kFailedProbe, .attempts = kFailedAttempts};
  } else if (known != shown_.end() && known->second.container == id) {
    shown_.erase(known);
  } else {
    return;
  }
  touch(name);
}

void MemoryPublisher::say(const JobName& job, std::string state, std::string detail, int attempts) {
  words_[job.str()] = Words{std::move(state), std::move(detail), attempts};
  touch(job.str());
}

void MemoryPublisher::touch(const std::string& job) {
  dirty_.push_back(job);
  changed_.notify();
}

// 172.30.x.y; the number of the container is the last part of its id.
std::string MemoryPublisher::address_of(const std::string& container) {
  const auto number = parse_int(container.substr(container.rfind('-') + 1)).value_or(0) % 65536;
  return fmt::format("172.30.{}.{}", number / 256, number % 256);
}

Task<> MemoryPublisher::run() {
  for (;;) {
    while (!dirty_.empty()) {
      std::vector<std::string> jobs;
      while (!dirty_.empty() && jobs.size() < kBatch) {
        if (std::ranges::find(jobs, dirty_.front()) == jobs.end()) jobs.push_back(dirty_.front());
        dirty_.pop_front();
      }
      co_await write(std::move(jobs));
    }
    co_await changed_.wait(Deadline::max());
  }
}

etcd::Operation MemoryPublisher::entry_of(const std::string& name) const {
  etcd::Operation operation{.kind = etcd::Operation::Kind::erase, .key = service_key(name)};
  const auto found = shown_.find(name);
  if (found == shown_.end()) return operation;
  const auto job = JobName::parse(name);
  Words words = found->second.words;
  if (const auto said = words_.find(name); said != words_.end()) words = said->second;
  const json::object value{
      {"app", job.app.str()},
      {"release", job.release},
      {"type", job.type.str()},
      {"num", job.num},
      {"container", found->second.container},
      {"host_id", "h1"},
      {"address", address_of(found->second.container)},
      {"port", kPort},
      {"state", words.state},
      {"detail", words.detail},
      {"attempts", words.attempts}};
  operation.kind = etcd::Operation::Kind::put;
  operation.value = json::to_text(value);
  return operation;
}

Task<> MemoryPublisher::write(std::vector<std::string> jobs) {
  std::vector<etcd::Compare> always;
  std::vector<etcd::Operation> operations, nothing;
  for (const auto& job : jobs) operations.push_back(entry_of(job));
  std::string trouble;
  try {
    co_await etcd_.txn(std::move(always), std::move(operations), std::move(nothing), in(kEtcdLimit));
    co_return;
  } catch (const Error& error) {
    if (error.code() == ErrorCode::canceled) throw;
    trouble = error.what();
  }
  log_.warning("endpoints cannot be published yet", {{"why", trouble}});
  dirty_.insert(dirty_.end(), jobs.begin(), jobs.end());
  co_await net::sleep_for(kAgain);
}

}  // namespace deis::controller
