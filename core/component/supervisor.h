#pragma once
// Keeps one child server running: starts it, restarts it with back-off when it dies, stops it cleanly. What a
// dead server leaves behind of its process group is killed before the next start: workers must not hold the
// ports.

#include "core/base/log.h"
#include "core/process/process.h"

#include <functional>
#include <memory>
#include <string>

namespace deis::component {

class Supervisor {
 public:
  struct Options {
    std::chrono::milliseconds first_backoff{50};
    std::chrono::milliseconds max_backoff{2000};
    std::chrono::seconds stop_timeout{20};
    int stop_signal = 15;
    int max_restarts_in_a_row =
        0;  // 0: no limit; beyond it run() throws and the component is restarted as a whole
  };
  // `command` is asked for anew at every start, so that it can follow the settings.
  Supervisor(
      Executor executor,
      std::string name,
      std::function<process::Command()> command,
      Log log,
      Options options);

  // Runs before each start (clean up leftovers, render configuration); its failure counts as a failed start.
  void before_start(std::function<Task<>()> prepare);
  void signal(int number);  // to the running child; ignored when there is none
  bool running() const { return child_ != nullptr; }
  int pid() const;
  Task<> run();  // until cancelled, then stops the child

 private:
  Task<> keep_running();
  Task<std::string> run_once();  // why it ended or could not start
  Task<> end_child();

  Executor executor_;
  std::string name_;
  std::function<process::Command()> command_;
  std::function<Task<>()> prepare_;
  Log log_;
  Options options_;
  std::unique_ptr<process::Process> child_;
};

}  // namespace deis::component
