#include "controller/scheduler/registry_fixture.h"

#include "core/base/text.h"
#include "core/json/json.h"

#include <algorithm>

namespace deis::controller::test {
namespace {

constexpr auto kRegistryKey = "/deis/registry/hosts/h1";
constexpr std::chrono::seconds kAnnounceTime{10};

}  // namespace

FakeRegistry::FakeRegistry(Executor executor)
    : server_(
          executor,
          net::Endpoint::tcp("127.0.0.1", 0),
          [this](net::Request request) { return handle(std::move(request)); },
          Log::silent()) {}

Task<> FakeRegistry::announce(etcd::Client& etcd) {
  const json::object value{{"address", "http://127.0.0.1:" + std::to_string(server_.endpoint().port)}};
  co_await etcd.put(kRegistryKey, json::to_text(value), in(kAnnounceTime));
}

Task<> FakeRegistry::withdraw(etcd::Client& etcd) {
  co_await etcd.erase(kRegistryKey, in(kAnnounceTime));
}

void FakeRegistry::push(const std::string& repository, const std::string& tag) {
  digests_[repository][tag] = "sha256:" + sha256_hex(tag);
}

bool FakeRegistry::has(const std::string& repository) const {
  const auto found = digests_.find(repository);
  return found != digests_.end() && !found->second.empty();
}

Task<net::Reply> FakeRegistry::handle(net::Request request) {
  if (before_answer_) co_await before_answer_(request.method);
  co_return reply_to(request);
}

net::Reply FakeRegistry::reply_to(const net::Request& request) {
  const auto told = answers_.find(request.method);
  if (told != answers_.end() && told->second != 0) return net::Reply::json(told->second, "");
  const auto parts =
      split(request.path(), '/');  // "", v2, <repository>, tags or manifests, list or reference
  const auto known = parts.size() == 5 ? digests_.find(std::string(parts[2])) : digests_.end();
  if (known == digests_.end()) return net::Reply::json(404, "{}");
  auto& tags = known->second;
  const std::string reference(parts[4]);
  if (request.method == "GET") {
    json::array names;
    for (const auto& [tag, unused] : tags) names.emplace_back(tag);
    return net::Reply::json(200, json::to_text(json::object{{"tags", names}}));
  }
  if (request.method == "DELETE") {
    const auto gone = std::erase_if(tags, [&](const auto& entry) { return entry.second == reference; });
    return net::Reply::json(gone > 0 ? 202 : 404, "");
  }
  const auto tag = tags.find(reference);
  if (tag == tags.end()) return net::Reply::json(404, "");
  net::Reply reply = net::Reply::json(200, "");
  reply.headers.set("Docker-Content-Digest", tag->second);
  return reply;
}

}  // namespace deis::controller::test
