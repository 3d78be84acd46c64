#pragma once
// The TCP side: reads batches of records (batch_reader.h) and answers each with {"ack":N} once all of it is
// on disk.

#include "core/base/log.h"
#include "core/component/metrics.h"
#include "core/net/offload.h"
#include "core/net/stream.h"
#include "logger/batch_reader.h"
#include "logger/log_store.h"

namespace deis::logger {

class Ingest {
 public:
  // `worker` has one thread: the store is used by it alone.
  Ingest(LogStore& store, net::WorkerPool& worker, component::Metrics& metrics, Log log)
      : store_(store), worker_(worker), metrics_(metrics), log_(std::move(log)) {}

  Task<> serve(std::unique_ptr<net::Stream> stream);

 private:
  Task<> store(const Batch& batch);
  void count(const char* stage, std::size_t lines);

  LogStore& store_;
  net::WorkerPool& worker_;
  component::Metrics& metrics_;
  Log log_;
};

}  // namespace deis::logger
