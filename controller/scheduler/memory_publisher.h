#pragma once
// The publisher of a MemoryEngine: writes an endpoint into etcd for every container that runs, as
// deis-publisher does for those of Docker. For tests, and for a controller that stands alone.

#include "controller/scheduler/engine.h"
#include "core/base/log.h"
#include "core/etcd/client.h"
#include "core/net/event.h"

#include <deque>
#include <map>
#include <random>
#include <string>

namespace deis::controller {

class MemoryPublisher {
 public:
  MemoryPublisher(Executor executor, etcd::Client& etcd, Log log);

  // What the engine tells of its containers (MemoryEngine::on_change).
  void container(const JobName& job, JobState state, const std::string& id);
  // From now on the job's containers are published like this ("up" is the default).
  void say(const JobName& job, std::string state, std::string detail, int attempts = 0);
  // 0 to 1: how often the health check of a new container fails.
  void set_failure_rate(double rate) { failure_rate_ = rate; }
  static std::string address_of(const std::string& container);  // without port

  Task<> run();

 private:
  struct Words {
    std::string state = "up", detail;
    int attempts = 0;  // wrong answers to a health check
  };
  struct Shown {
    std::string container;
    Words words;
  };
  void touch(const std::string& job);
  etcd::Operation entry_of(const std::string& job) const;
  Task<> write(std::vector<std::string> jobs);

  etcd::Client& etcd_;
  Log log_;
  net::Event changed_;
  std::mt19937 random_{2};
  double failure_rate_ = 0;
  std::map<std::string, Shown> shown_;  // by job
  std::map<std::string, Words> words_;
  std::deque<std::string> dirty_;
};

}  // namespace deis::controller
