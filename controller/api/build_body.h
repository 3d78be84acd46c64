#pragma once
// A build as requests describe it: POST .../builds/ and the builder's hook send the same fields (contract
// api.md §3.13, §3.20).

#include "controller/api/body.h"
#include "controller/domain/build_rules.h"
#include "controller/domain/canary_rules.h"

#include <boost/json/object.hpp>

namespace deis::controller::api {

// Throws ValidationError for fields of the wrong kind; what they may hold is checked by the domain.
NewBuild read_build(const boost::json::object& body);

// "canary": per cent of the requests that the new release gets beside the live one.
std::optional<CanaryWish> read_canary_wish(Fields& fields);

}  // namespace deis::controller::api
