#pragma once
// Our specs as the Engine's JSON: pure functions, so that what will run can be printed and tested.

#include "core/docker/types.h"

#include <boost/json/fwd.hpp>

namespace deis::docker {

boost::json::value container_json(const ContainerSpec& spec);  // POST /containers/create
boost::json::value service_json(const ServiceSpec& spec);  // POST /services/create and /services/<id>/update

}  // namespace deis::docker
