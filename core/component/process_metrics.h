#pragma once
// What Prometheus expects every process to tell about itself (process_resident_memory_bytes and so on).

#include "core/component/metrics.h"

namespace deis::component {

void update_process_metrics(Metrics& metrics);

}  // namespace deis::component
