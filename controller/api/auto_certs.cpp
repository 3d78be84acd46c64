// Certificates that the platform gets by itself: beyond v1.7.

#include "controller/api/body.h"
#include "controller/api/handlers.h"
#include "controller/api/pagination.h"
#include "controller/api/response.h"
#include "controller/api/serializers.h"
#include "controller/domain/services.h"

namespace deis::controller::api {
namespace {

constexpr std::size_t kMaximumDomain = 256;  // the rule itself has its own limit, less the trailing dot

}  // namespace

Task<net::Reply> list_auto_certs(Services& services, Call& call) {
  const PageRequest asked = read_page(call.request);
  const Page<AutoCert> page = co_await services.auto_certs.list(call.the_app(), asked);
  auto serialize = [](const AutoCert& cert) { return to_json(cert); };
  co_return ok(page_body(call.request, asked, page, serialize));
}

Task<net::Reply> want_auto_cert(Services& services, Call& call) {
  Fields fields(call.body);
  const std::string domain = fields.required("domain", kMaximumDomain);
  fields.check();
  const AutoCert cert = co_await services.auto_certs.want(call.the_app(), call.user(), domain);
  co_return created(to_json(cert));
}

Task<net::Reply> leave_auto_cert(Services& services, Call& call) {
  co_await services.auto_certs.leave(call.the_app(), call.user(), call.parameter("domain"));
  co_return empty(204);
}

}  // namespace deis::controller::api
