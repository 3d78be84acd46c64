#pragma once
// What the audit log says about a request. Pure: values of the request are shown only where they are known to
// be no secrets, of everything else the name.

#include "controller/api/call.h"

namespace deis::controller::api {

// Whether an answer of this status belongs into the log: whatever somebody who is known changed or tried to;
// of strangers, who could fill it, only what they succeeded in.
bool is_recorded(const Route& route, const Call& call, int status);
AuditRecord audit_record(const Route& route, const Call& call, int status, std::string request_id);

// "values(COLOR, -OLD) memory(web)", "domain=www.example.com".
std::string audit_detail(const Route& route, const Call& call);

}  // namespace deis::controller::api
