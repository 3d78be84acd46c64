#pragma once
// Who is calling, and whether he may use the route at all (contract api.md §1.4, §2). Whether he may touch
// the app is checked behind it, in server.cpp.

#include "controller/api/call.h"

namespace deis::controller::api {

// Sets caller and token of the call. Error{unauthenticated} when the route needs somebody and nobody is
// there.
Task<> identify(Services& services, const Route& route, Call& call);

// Whether the caller is an administrator, the builder, or bears a token that reaches as far as the route
// needs. Throws Error{forbidden}.
void authorize(const Services& services, const Route& route, const Call& call);

}  // namespace deis::controller::api
