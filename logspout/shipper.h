#pragma once
// Takes lines from the followers into a bounded queue and ships them to the logger in batches. A line leaves
// the queue when its batch was acknowledged; when the queue is full the followers wait, and Docker keeps what
// they have not read.

#include "core/base/lines.h"
#include "core/base/log.h"
#include "core/component/directory.h"
#include "core/component/metrics.h"
#include "core/net/event.h"
#include "logspout/line_assembler.h"

#include <deque>
#include <map>

namespace deis::logspout {

class Shipper {
 public:
  Shipper(
      Executor executor,
      component::Directory& loggers,
      component::Metrics& metrics,
      Log log,
      std::size_t max_queue_bytes);

  // Waits while the queue is full.
  Task<> add(std::string container, Source source, Line line);
  Task<> run();
  // The newest acknowledged time by container; `acknowledged()` grows whenever it changes.
  const std::map<std::string, std::int64_t>& positions() const { return positions_; }
  std::int64_t acknowledged() const { return acknowledged_; }
  void forget(const std::string& container) { positions_.erase(container); }

 private:
  struct Entry {
    std::string container;
    std::int64_t time_ns = 0;
    std::string wire;
  };
  Task<> ship_to(net::Endpoint logger);
  Task<> ship_batch(net::Stream& stream, LineSplitter& unread);
  Task<std::string> read_line(net::Stream& stream, LineSplitter& unread);

  component::Directory& loggers_;
  component::Metrics& metrics_;
  Log log_;
  std::size_t max_queue_bytes_, queue_bytes_ = 0;
  std::deque<Entry> queue_;
  net::Event added_, shipped_;
  std::map<std::string, std::int64_t> positions_;
  std::int64_t acknowledged_ = 0, batch_ = 0;
};

}  // namespace deis::logspout
