// deis-registry against a real etcd and a real docker-registry.

#include "core/base/error.h"
#include "core/base/text.h"
#include "core/component/volume.h"
#include "core/etcd/etcd_fixture.h"
#include "core/net/co_test.h"
#include "core/net/http_client.h"
#include "registry/registry.h"

#include <boost/asio/this_coro.hpp>

namespace deis::registry {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr const char* kManifestType = "application/vnd.docker.distribution.manifest.v2+json";

Deadline soon() {
  return in(seconds(9));
}

// The daemon's parts on an etcd of their own, and a client that does what `docker push` does.
class Platform {
 public:
  static Task<std::unique_ptr<Platform>> start(Executor executor) {
    auto etcd = co_await etcd::EtcdFixture::start(executor);
    const net::Listener probe(executor, net::Endpoint::tcp("127.0.0.1", 0));
    const auto endpoint = probe.endpoint();
    std::filesystem::permissions(etcd->directory(), std::filesystem::perms(0711));
    component::Volume place;
    place.driver = "directory";
    place.path = (etcd->directory() / "volume").string();
    co_await etcd->client().put("/deis/registry/port", std::to_string(endpoint.port), soon());
    co_await etcd->client().put(component::volume_key("registry"), component::volume_value(place), soon());
    co_return std::make_unique<Platform>(executor, std::move(etcd), endpoint);
  }

  Platform(const Executor& executor, std::unique_ptr<etcd::EtcdFixture> fixture, net::Endpoint endpoint)
      : etcd_(std::move(fixture)),
        settings_(executor, etcd_->client(), "/deis/registry/", Log::silent()),
        session_(executor, etcd_->client(), seconds(10), Log::silent()),
        registry_(executor, etcd_->client(), session_, settings_, workers_, "h1", Log::silent()),
        http_(executor, endpoint),
        group_(executor) {
    group_.spawn(settings_.run());
    group_.spawn(session_.run(etcd::Session::AtStop::revoke));
    group_.spawn(registry_.run());
  }

  Task<> until_up() {
    const Deadline deadline = soon();
    while (!registry_.trouble().empty()) {
      if (std::chrono::steady_clock::now() > deadline) throw Error(ErrorCode::timeout, registry_.trouble());
      co_await net::sleep_for(milliseconds(5));
    }
  }

  Task<net::Response> send(
      std::string method, std::string target, std::string body = "", std::string type = "") {
    net::Request request;
    request.method = std::move(method);
    request.target = std::move(target);
    request.body = std::move(body);
    if (!type.empty()) request.headers.set("Content-Type", type);
    request.headers.set("Accept", kManifestType);
    co_return co_await http_.send(std::move(request), soon());
  }

  // Returns the digest.
  Task<std::string> upload(std::string content) {
    std::string digest = "sha256:" + sha256_hex(content);
    const auto begun = co_await send("POST", "/v2/shop/blobs/uploads/");
    const auto location = begun.headers.get("Location");
    const auto path = location.substr(location.find("/v2/"));
    const auto ended = co_await send("PUT", path + "&digest=" + digest, content, "application/octet-stream");
    EXPECT_EQ(ended.status, 201) << ended.body;
    co_return digest;
  }

  Task<std::string> push_manifest(std::string config, std::string layer) {
    const std::string text =
        R"({"schemaVersion":2,"mediaType":")" + std::string(kManifestType) +
        R"(","config":{"mediaType":"application/vnd.docker.container.image.v1+json","size":2,"digest":")" +
        config +
        R"("},"layers":[{"mediaType":"application/vnd.docker.image.rootfs.diff.tar.gzip","size":5,"digest":")" +
        layer + R"("}]})";
    const auto answer = co_await send("PUT", "/v2/shop/manifests/v1", text, kManifestType);
    EXPECT_EQ(answer.status, 201) << answer.body;
    co_return answer.headers.get("Docker-Content-Digest");
  }

  Task<net::Reply> collect() { return registry_.collect(net::Request()); }

  Task<> stop() {
    group_.cancel();
    co_await group_.join();
  }

  etcd::Client& etcd() { return etcd_->client(); }

 private:
  std::unique_ptr<etcd::EtcdFixture> etcd_;
  net::WorkerPool workers_{1};
  component::Settings settings_;
  etcd::Session session_;
  Registry registry_;
  net::HttpClient http_;
  net::TaskGroup group_;
};

CO_TEST(Registry, AnnouncesAServerThatAnswers) {
  const auto platform = co_await Platform::start(co_await asio::this_coro::executor);
  co_await platform->until_up();
  const auto answer = co_await platform->send("GET", "/v2/");
  EXPECT_EQ(answer.status, 200);
  while (true) {
    const auto found = co_await platform->etcd().get("/deis/registry/hosts/h1", soon());
    if (found) break;
    co_await net::sleep_for(milliseconds(5));
  }
  co_await platform->stop();
  const auto found = co_await platform->etcd().get("/deis/registry/hosts/h1", soon());
  EXPECT_FALSE(found.has_value());
}

CO_TEST(Registry, CollectsTheBlobsOfADeletedManifestAndKeepsTheOthers) {
  const auto platform = co_await Platform::start(co_await asio::this_coro::executor);
  co_await platform->until_up();
  const auto config = co_await platform->upload("{}");
  const auto layer = co_await platform->upload("layer");
  const auto manifest = co_await platform->push_manifest(config, layer);
  auto reply = co_await platform->collect();
  EXPECT_EQ(reply.body, "0 blobs removed\n");
  auto blob = co_await platform->send("GET", "/v2/shop/blobs/" + layer);
  EXPECT_EQ(blob.status, 200);

  const auto deleted = co_await platform->send("DELETE", "/v2/shop/manifests/" + manifest);
  EXPECT_EQ(deleted.status, 202) << deleted.body;
  reply = co_await platform->collect();
  EXPECT_EQ(reply.body, "3 blobs removed\n");             // configuration, layer, manifest
  const auto again = co_await platform->upload("layer");  // nothing claims to have it
  EXPECT_EQ(again, layer);
  blob = co_await platform->send("GET", "/v2/shop/blobs/" + layer);
  EXPECT_EQ(blob.body, "layer");
  co_await platform->stop();
}

CO_TEST(Registry, RefusesToCollectWhileAPushIsUnderWay) {
  const auto platform = co_await Platform::start(co_await asio::this_coro::executor);
  co_await platform->until_up();
  const auto config = co_await platform->upload("{}");
  const auto layer = co_await platform->upload("layer");
  const auto reply = co_await platform->collect();
  EXPECT_EQ(reply.status, 409);
  EXPECT_EQ(reply.body, "'shop' is being pushed to; try again later\n");
  co_await platform->push_manifest(config, layer);
  const auto later = co_await platform->collect();
  EXPECT_EQ(later.status, 200);
  co_await platform->stop();
}

}  // namespace
}  // namespace deis::registry
