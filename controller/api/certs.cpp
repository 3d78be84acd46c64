// Certificates (contract api.md §3.19).

#include "controller/api/body.h"
#include "controller/api/handlers.h"
#include "controller/api/pagination.h"
#include "controller/api/response.h"
#include "controller/api/serializers.h"
#include "controller/domain/services.h"

namespace deis::controller::api {
namespace {

constexpr std::size_t kMaximumCertName = 255;
constexpr std::size_t kMaximumCertificate = 256 * 1024;
constexpr std::size_t kMaximumKey = 32 * 1024;
constexpr std::size_t kMaximumNames = 100;

CertificateRequest read_certificate(const boost::json::object& body) {
  Fields fields(body);
  CertificateRequest request{
      .certificate = fields.required("certificate", kMaximumCertificate, Lines::many),
      .key = fields.required("key", kMaximumKey, Lines::many),
      .common_name = std::nullopt,
      .wildcard = fields.flag("wildcard"),
      .names = fields.strings("names", kMaximumNames, kMaximumCertName)};
  // Clients send "" when their user gave no name.
  const std::string name = fields.optional("common_name", kMaximumCertName);
  fields.check();
  if (!name.empty()) request.common_name = name;
  return request;
}

}  // namespace

Task<net::Reply> list_certs(Services& services, Call& call) {
  const PageRequest asked = read_page(call.request);
  const Page<Cert> page = co_await services.certs.list(call.user().username, asked);
  auto serialize = [](const Cert& cert) { return to_json(cert); };
  co_return ok(page_body(call.request, asked, page, serialize));
}

Task<net::Reply> add_cert(Services& services, Call& call) {
  CertificateRequest request = read_certificate(call.body);
  const Cert cert = co_await services.certs.add(call.user(), std::move(request));
  co_return created(to_json(cert));
}

Task<net::Reply> show_cert(Services& services, Call& call) {
  const Cert cert = co_await services.certs.get(call.user().username, call.parameter("name"));
  co_return ok(to_json(cert));
}

Task<net::Reply> remove_cert(Services& services, Call& call) {
  co_await services.certs.remove(call.user().username, call.parameter("name"));
  co_return empty(204);
}

}  // namespace deis::controller::api
