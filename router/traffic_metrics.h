#pragma once
// What nginx's workers have counted, in Prometheus' exposition format (names as in field-notes §5.4).

#include "router/table/writer.h"

#include <cstddef>
#include <string>

namespace deis::router {

// Apps beyond `most` are summed up under the name "other", so that the number of series has a bound.
std::string traffic_metrics(const table::TableWriter& table, std::size_t most = 2000);

}  // namespace deis::router
