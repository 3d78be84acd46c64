#include "controller/scheduler/registry_client.h"

#include "core/base/error.h"
#include "core/base/text.h"
#include "core/json/json.h"
#include "core/net/http_client.h"

#include <fmt/format.h>

#include <set>

namespace deis::controller {
namespace {

constexpr auto kHosts = "/deis/registry/hosts/";
// Without these the registry converts to an old format and names the digest of the conversion.
constexpr auto kManifestTypes =
    "application/vnd.docker.distribution.manifest.v2+json, "
    "application/vnd.docker.distribution.manifest.list.v2+json, "
    "application/vnd.oci.image.manifest.v1+json, application/vnd.oci.image.index.v1+json";

struct HostValue {
  std::string address;
};
BOOST_DESCRIBE_STRUCT(HostValue, (), (address))

struct TagList {
  std::optional<std::vector<std::string>> tags;
};
BOOST_DESCRIBE_STRUCT(TagList, (), (tags))

Task<net::Endpoint> find_registry(etcd::Client& etcd, Deadline deadline) {
  const auto hosts = co_await etcd.list(kHosts, deadline);
  if (hosts.entries.empty()) throw Error(ErrorCode::unavailable, "registry is not announced in etcd");
  const auto host = json::from<HostValue>(json::parse(hosts.entries.front().value));
  co_return net::Endpoint::parse(host.address);
}

Error registry_failed(const char* doing, const std::string& what, int status) {
  return Error(ErrorCode::unavailable, fmt::format("registry: {} {}: {}", doing, what, status));
}

std::string manifest_path(const std::string& repository, const std::string& reference) {
  return "/v2/" + repository + "/manifests/" + reference;
}

Task<std::vector<std::string>> tags_of(net::HttpClient& http, std::string repository, Deadline deadline) {
  net::Request request;
  request.target = "/v2/" + repository + "/tags/list";
  const auto response = co_await http.send(std::move(request), deadline);
  if (response.status == 404) co_return std::vector<std::string>();
  if (response.status != 200) throw registry_failed("listing", repository, response.status);
  const auto list = json::from<TagList>(json::parse(response.body));
  co_return list.tags.value_or(std::vector<std::string>());
}

// nullopt when the tag has no manifest any more. A registry that cannot tell must not pass for one that has
// nothing.
Task<std::optional<std::string>> digest_of(net::HttpClient& http, std::string path, Deadline deadline) {
  net::Request request;
  request.method = "HEAD";
  request.target = path;
  request.headers.set("Accept", kManifestTypes);
  const auto response = co_await http.send(std::move(request), deadline);
  if (response.status == 404) co_return std::nullopt;
  if (response.status != 200) throw registry_failed("looking for", path, response.status);
  std::string digest = response.headers.get("Docker-Content-Digest");
  if (digest.empty()) throw Error(ErrorCode::unavailable, "registry: it does not tell the digest of " + path);
  co_return digest;
}

Task<> remove_manifest(net::HttpClient& http, std::string path, Deadline deadline) {
  net::Request request;
  request.method = "DELETE";
  request.target = path;
  const auto response = co_await http.send(std::move(request), deadline);
  if (response.status / 100 != 2 && response.status != 404)
    throw registry_failed("deleting", path, response.status);
}

}  // namespace

Task<> RegistryClient::remove_repository(std::string repository, Deadline deadline) {
  const auto endpoint = co_await find_registry(etcd_, deadline);
  net::HttpClient http(executor_, endpoint);
  const auto tags = co_await tags_of(http, repository, deadline);
  std::set<std::string> digests;  // several tags may name one manifest, and one deletion removes them all
  for (const auto& tag : tags) {
    auto digest = co_await digest_of(http, manifest_path(repository, tag), deadline);
    if (digest) digests.insert(std::move(*digest));
  }
  for (const auto& digest : digests)
    co_await remove_manifest(http, manifest_path(repository, digest), deadline);
  if (!digests.empty())
    log_.info(
        "images removed from the registry", {{"repository", repository}, {"manifests", digests.size()}});
}

}  // namespace deis::controller
