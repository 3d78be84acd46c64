// The audit log: of the platform for administrators, of an app for its members.

#include "controller/api/handlers.h"
#include "controller/api/pagination.h"
#include "controller/api/response.h"
#include "controller/api/serializers.h"
#include "controller/domain/services.h"

namespace deis::controller::api {
namespace {

boost::json::object record_json(const AuditRecord& record) {
  return to_json(record);
}

}  // namespace

Task<net::Reply> list_audit(Services& services, Call& call) {
  const PageRequest asked = read_page(call.request);
  const Page<AuditRecord> page = co_await services.audit.list(asked);
  co_return ok(page_body(call.request, asked, page, record_json));
}

Task<net::Reply> list_app_audit(Services& services, Call& call) {
  const PageRequest asked = read_page(call.request);
  const Page<AuditRecord> page = co_await services.audit.list_of(call.the_app(), asked);
  co_return ok(page_body(call.request, asked, page, record_json));
}

}  // namespace deis::controller::api
