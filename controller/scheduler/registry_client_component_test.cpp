// Against a real docker-registry and a real etcd; what the real one cannot be made to answer, a stand-in
// does.

#include "controller/scheduler/registry_client.h"
#include "controller/scheduler/registry_fixture.h"
#include "core/base/error.h"
#include "core/base/text.h"
#include "core/etcd/etcd_fixture.h"
#include "core/json/json.h"
#include "core/net/co_test.h"
#include "core/net/http_client.h"
#include "core/net/task_group.h"

#include <filesystem>
#include <fstream>

namespace deis::controller {
namespace {

constexpr auto kManifestType = "application/vnd.docker.distribution.manifest.v2+json";

Deadline soon() {
  return in(std::chrono::seconds(9));
}

struct RegistryServer {
  etcd::EtcdFixture& etcd;
  net::HttpClient http;
  process::Process process;

  static Task<std::unique_ptr<RegistryServer>> start(etcd::EtcdFixture& etcd) {
    const auto executor = co_await asio::this_coro::executor;
    const auto endpoint = net::Listener(executor, net::Endpoint::tcp("127.0.0.1", 0)).endpoint();
    const auto address = "127.0.0.1:" + std::to_string(endpoint.port);
    const auto config = etcd.directory() / "registry.yml";
    const json::object storage{
        {"filesystem", json::object{{"rootdirectory", (etcd.directory() / "registry").string()}}},
        {"delete", json::object{{"enabled", true}}}};
    std::ofstream(config) << json::to_text(
        json::object{{"version", "0.1"}, {"storage", storage}, {"http", json::object{{"addr", address}}}});
    process::Command command{.argv = {"docker-registry", "serve", config.string()}};
    command.out = command.err = process::Command::Output::discard;
    auto process = process::Process::start(executor, command);
    std::unique_ptr<RegistryServer> server(
        new RegistryServer{etcd, net::HttpClient(executor, endpoint), std::move(process)});
    co_await server->until_up();
    co_await etcd.client().put("/deis/registry/hosts/h1", "{\"address\":\"http://" + address + "\"}", soon());
    co_return server;
  }

  Task<> until_up() {
    const Deadline deadline = soon();
    while (std::chrono::steady_clock::now() < deadline) {
      try {
        co_await send("GET", "/v2/", "", "");
        co_return;
      } catch (const Error&) {  // it is not listening yet
      }
      co_await net::sleep_for(std::chrono::milliseconds(20));
    }
    throw Error(ErrorCode::timeout, "docker-registry did not start");
  }

  Task<net::Response> send(std::string method, std::string target, std::string body, std::string type) {
    net::Request request;
    request.method = std::move(method);
    request.target = std::move(target);
    request.body = std::move(body);
    if (!type.empty()) request.headers.set("Content-Type", type);
    co_return co_await http.send(std::move(request), soon());
  }

  // An image of nothing but a configuration.
  Task<> push(std::string repository, std::string tag, std::string config) {
    const auto digest = "sha256:" + sha256_hex(config);
    const auto begun = co_await send("POST", "/v2/" + repository + "/blobs/uploads/", "", "");
    const auto location = begun.headers.get("Location");
    const auto upload = location.substr(location.find("/v2/")) + "&digest=" + digest;
    const auto uploaded = co_await send("PUT", upload, config, "application/octet-stream");
    EXPECT_EQ(uploaded.status, 201) << uploaded.body;
    const json::object blob{
        {"mediaType", "application/vnd.docker.container.image.v1+json"},
        {"size", config.size()},
        {"digest", digest}};
    const json::object manifest{
        {"schemaVersion", 2}, {"mediaType", kManifestType}, {"config", blob}, {"layers", json::array()}};
    const auto target = "/v2/" + repository + "/manifests/" + tag;
    const auto tagged = co_await send("PUT", target, json::to_text(manifest), kManifestType);
    EXPECT_EQ(tagged.status, 201) << tagged.body;
  }

  Task<bool> has_tags(std::string repository) {
    const auto answer = co_await send("GET", "/v2/" + repository + "/tags/list", "", "");
    const auto list = json::parse(answer.body).as_object();
    co_return list.contains("tags") && list.at("tags").is_array() && !list.at("tags").as_array().empty();
  }
};

CO_TEST(RegistryClient, RemovesAllTagsOfOneRepository) {
  const auto executor = co_await asio::this_coro::executor;
  const auto etcd = co_await etcd::EtcdFixture::start(executor);
  const auto server = co_await RegistryServer::start(*etcd);
  co_await server->push("shop", "git-1", "{\"n\":1}");
  co_await server->push("shop", "git-2", "{\"n\":2}");
  co_await server->push("shop", "git-3", "{\"n\":2}");  // another name of the same image
  co_await server->push("blog", "git-1", "{\"n\":1}");
  RegistryClient client(executor, etcd->client(), Log::silent());
  co_await client.remove_repository("shop", soon());
  const bool shop = co_await server->has_tags("shop");
  const bool blog = co_await server->has_tags("blog");
  EXPECT_FALSE(shop);
  EXPECT_TRUE(blog);
  co_await client.remove_repository("shop", soon());
  co_await client.remove_repository("nobody", soon());
}

CO_TEST(RegistryClient, SaysThatNoRegistryIsAnnounced) {
  const auto executor = co_await asio::this_coro::executor;
  const auto etcd = co_await etcd::EtcdFixture::start(executor);
  RegistryClient client(executor, etcd->client(), Log::silent());
  std::string reason;
  try {
    co_await client.remove_repository("shop", soon());
  } catch (const Error& error) {
    reason = error.what();
  }
  EXPECT_EQ(reason, "registry is not announced in etcd");
}

// "" when it succeeds.
Task<std::string> trouble_of(RegistryClient& client, std::string repository) {
  try {
    co_await client.remove_repository(std::move(repository), soon());
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::unavailable);
    co_return error.what();
  }
  co_return "";
}

CO_TEST(RegistryClient, TakesNoFailureForATagThatIsGone) {
  const auto executor = co_await asio::this_coro::executor;
  const auto etcd = co_await etcd::EtcdFixture::start(executor);
  test::FakeRegistry registry(executor);
  net::TaskGroup group(executor);
  group.spawn(registry.run());
  co_await registry.announce(etcd->client());
  registry.push("shop", "git-1");
  RegistryClient client(executor, etcd->client(), Log::silent());
  for (const std::string method : {"GET", "HEAD", "DELETE"}) {
    for (const int status : {401, 500, 503}) {
      registry.answer(method, status);
      const std::string trouble = co_await trouble_of(client, "shop");
      EXPECT_TRUE(trouble.ends_with(": " + std::to_string(status))) << method << " " << trouble;
    }
    registry.answer(method, 0);
  }
  registry.answer("HEAD", 200);
  const std::string nameless = co_await trouble_of(client, "shop");
  EXPECT_EQ(nameless, "registry: it does not tell the digest of /v2/shop/manifests/git-1");
  registry.answer("HEAD", 404);
  const std::string overtaken = co_await trouble_of(client, "shop");
  EXPECT_EQ(overtaken, "");
  EXPECT_TRUE(registry.has("shop"));
  registry.answer("HEAD", 0);
  const std::string done = co_await trouble_of(client, "shop");
  EXPECT_EQ(done, "");
  EXPECT_FALSE(registry.has("shop"));
  group.cancel();
  co_await group.join();
}

}  // namespace
}  // namespace deis::controller
