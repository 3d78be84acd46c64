// SSH keys (contract api.md §3.18).

#include "controller/api/body.h"
#include "controller/api/handlers.h"
#include "controller/api/pagination.h"
#include "controller/api/response.h"
#include "controller/api/serializers.h"
#include "controller/domain/services.h"

namespace deis::controller::api {
namespace {

constexpr std::size_t kMaximumId = 128;
constexpr std::size_t kMaximumPublic = 16 * 1024;

}  // namespace

Task<net::Reply> list_keys(Services& services, Call& call) {
  const PageRequest asked = read_page(call.request);
  const Page<Key> page = co_await services.keys.list(call.user().username, asked);
  auto serialize = [](const Key& key) { return to_json(key); };
  co_return ok(page_body(call.request, asked, page, serialize));
}

Task<net::Reply> add_key(Services& services, Call& call) {
  Fields fields(call.body);
  const std::string id = fields.required("id", kMaximumId);
  const std::string text = fields.required("public", kMaximumPublic, Lines::many);
  fields.check();
  const Key key = co_await services.keys.add(call.user().username, id, text);
  co_return created(to_json(key));
}

Task<net::Reply> show_key(Services& services, Call& call) {
  const Key key = co_await services.keys.get(call.user().username, call.parameter("id"));
  co_return ok(to_json(key));
}

Task<net::Reply> remove_key(Services& services, Call& call) {
  co_await services.keys.remove(call.user().username, call.parameter("id"));
  co_return empty(204);
}

}  // namespace deis::controller::api
