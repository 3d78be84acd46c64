#pragma once
// Standard input as pieces for a coroutine, whatever it is: terminal, pipe, file. A thread waits for it with
// poll(), so that its flags stay as they are: they are shared with the shell that started us.

#include "core/net/event.h"
#include "core/net/task.h"

#include <condition_variable>
#include <mutex>
#include <string>
#include <thread>

namespace deis::cli {

class StdinReader {
 public:
  explicit StdinReader(Executor executor);
  ~StdinReader();
  // The next piece; "" at the end of the input. One reader.
  Task<std::string> read();

 private:
  void work();
  bool wait_readable() const;

  Executor executor_;
  net::Event arrived_;
  std::mutex mutex_;
  std::condition_variable taken_;
  std::string piece_;
  bool full_ = false, ended_ = false, stopped_ = false;
  int wake_ = -1;
  std::thread thread_;
};

}  // namespace deis::cli
