#pragma once
// Bodies that change settings by process type: {"web":{"interval":5,"path":null},"worker":null}.

#include "controller/domain/policy_rules.h"

#include <boost/json/object.hpp>

namespace deis::controller::api {

// null removes one setting, or all of a type. Throws ValidationError that names the types with something
// wrong.
TypePatch read_type_patch(const boost::json::object& body);

}  // namespace deis::controller::api
