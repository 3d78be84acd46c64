#include "controller/api/openapi.h"

#include "controller/api/handlers.h"
#include "openapi.embedded.h"

namespace deis::controller::api {

std::string_view openapi_document() {
  return embedded::openapi::files[0].text;
}

Task<net::Reply> show_openapi(Services&, Call&) {
  co_return net::Reply::json(200, std::string(openapi_document()));
}

}  // namespace deis::controller::api
