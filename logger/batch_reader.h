#pragma once
// The logspouts' wire, sans I/O. One JSON object per line:
// {"c":container,"t":ns,"s":sequence,"a":app,"p":process, "l":line} is a record, {"batch":N} ends a batch.
// Fuzzed.

#include "core/base/lines.h"
#include "logger/log_store.h"

#include <optional>
#include <vector>

namespace deis::logger {

struct Batch {
  std::int64_t number = 0;
  std::vector<Record> records;
};

class BatchReader {
 public:
  void add(std::string_view bytes) { lines_.add(bytes); }
  // The next complete batch. Throws Error{invalid} on what is no record, Error{too_large} on a batch without
  // a bound.
  std::optional<Batch> next();

 private:
  static constexpr std::size_t kLongestLine = 1024 * 1024;

  LineSplitter lines_{kLongestLine, "a log record"};
  Batch batch_;
  std::size_t bytes_ = 0;  // of the records of batch_
};

}  // namespace deis::logger
