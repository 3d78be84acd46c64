#pragma once
// The probe behind the announcement: SELECT 1 through the platform's own login. The connection is kept
// between probes, because a login costs a server process and two password derivations.

#include "core/component/announcer.h"
#include "core/net/offload.h"
#include "database/connection.h"

#include <memory>

namespace deis::database {

// `workers` must outlive the probe.
component::Announcer::Probe login_probe(net::WorkerPool& workers, ConnectionOptions login);

}  // namespace deis::database
