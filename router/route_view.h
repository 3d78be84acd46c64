#pragma once
// What the router's admin address tells about the routing table.

#include "router/table/writer.h"

#include <optional>
#include <string>
#include <string_view>

namespace deis::router {

// {"172.30.0.5:5000": 0} for each `endpoint` parameter of the query. Throws Error{invalid} for a broken
// query.
std::string in_flight_json(const table::TableWriter& table, std::string_view query);

// How `host` of the query is served (ARCHITECTURE.md §7); nullopt when the table has no such host.
std::optional<std::string> route_json(const table::TableWriter& table, std::string_view query);

}  // namespace deis::router
