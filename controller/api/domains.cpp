// An app's own host names (contract api.md §3.16).

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

Task<net::Reply> list_domains(Services& services, Call& call) {
  const PageRequest asked = read_page(call.request);
  const Page<Domain> page = co_await services.domains.list(call.the_app(), asked);
  auto serialize = [](const Domain& domain) { return to_json(domain); };
  co_return ok(page_body(call.request, asked, page, serialize));
}

Task<net::Reply> add_domain(Services& services, Call& call) {
  Fields fields(call.body);
  const std::string name = fields.required("domain", kMaximumDomain);
  fields.check();
  const Domain domain = co_await services.domains.add(call.the_app(), call.user(), name);
  co_return created(to_json(domain));
}

Task<net::Reply> remove_domain(Services& services, Call& call) {
  co_await services.domains.remove(call.the_app(), call.user(), call.parameter("domain"));
  co_return empty(204);
}

}  // namespace deis::controller::api
