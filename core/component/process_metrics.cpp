#include "core/component/process_metrics.h"

#include <filesystem>
#include <fstream>
#include <sys/resource.h>
#include <unistd.h>

namespace deis::component {
namespace {

double resident_bytes() {
  std::ifstream statm("/proc/self/statm");
  double size = 0, resident = 0;
  statm >> size >> resident;
  return resident * static_cast<double>(::sysconf(_SC_PAGESIZE));
}

double open_descriptors() {
  std::error_code failed;
  const std::filesystem::directory_iterator entries("/proc/self/fd", failed);
  if (failed) return 0;
  return static_cast<double>(std::distance(begin(entries), end(entries)));
}

double cpu_seconds() {
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

}  // namespace

void update_process_metrics(Metrics& metrics) {
  metrics.set("process_resident_memory_bytes", "Memory in use.", resident_bytes());
  metrics.set("process_open_fds", "Open file descriptors.", open_descriptors());
  metrics.set("process_cpu_seconds", "CPU time used.", cpu_seconds());
}

}  // namespace deis::component
