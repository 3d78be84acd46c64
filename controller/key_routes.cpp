#include "controller/key_routes.h"

#include "core/json/json.h"

namespace deis::controller {
namespace {

net::Reply refused(const Error& error) {
  const json::object body{{"detail", error.what()}};
  return net::Reply::json(error.code() == ErrorCode::conflict ? 409 : 503, json::to_text(body));
}

Task<net::Reply> show_keys(KeyKeeper& keys) {
  try {
    const KeyStatus status = co_await keys.status();
    json::array list;
    for (const MasterKey& key : status.keys) {
      list.push_back(json::object{{"id", key.id}, {"created", key.created}});
    }
    const json::object body{{"keys", list}, {"remaining", status.remaining}, {"problem", status.problem}};
    co_return net::Reply::json(200, json::to_text(body));
  } catch (const Error& error) {
    co_return refused(error);
  }
}

Task<net::Reply> rotate_key(KeyKeeper& keys) {
  try {
    const std::string id = co_await keys.begin_rotation();
    const json::object body{{"key", id}};
    co_return net::Reply::json(202, json::to_text(body));
  } catch (const Error& error) {
    co_return refused(error);
  }
}

}  // namespace

void add_key_routes(component::Runtime& runtime, KeyKeeper& keys) {
  runtime.handle("GET", "/keys", [&keys](net::Request) { return show_keys(keys); });
  runtime.handle("POST", "/keys/rotate", [&keys](net::Request) { return rotate_key(keys); });
}

}  // namespace deis::controller
