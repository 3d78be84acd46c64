#include "builder/registry.h"

#include "core/base/error.h"

#include <fmt/format.h>

namespace deis::builder {
namespace {

constexpr auto kManifest = "application/vnd.docker.distribution.manifest.v2+json";

}  // namespace

std::string Registry::repository(const std::string& app) const {
  const auto host = directory_.any();
  if (!host)
    throw Error(ErrorCode::unavailable, "the registry is not available at the moment, try again later");
  return fmt::format("localhost:{}/{}", host->address.port, app);
}

Task<net::Response> Registry::call(std::string method, std::string path, Deadline deadline) {
  const auto host = directory_.any();
  if (!host)
    throw Error(ErrorCode::unavailable, "the registry is not available at the moment, try again later");
  net::HttpClient http(executor_, host->address);
  net::Request request;
  request.method = std::move(method);
  request.target = std::move(path);
  request.headers.set("Accept", kManifest);
  request.headers.set("Connection", "close");
  co_return co_await http.send(std::move(request), deadline);
}

Task<bool> Registry::has_tag(std::string app, std::string tag, Deadline deadline) {
  const net::Response response =
      co_await call("HEAD", fmt::format("/v2/{}/manifests/{}", app, tag), deadline);
  co_return response.status == 200;
}

Task<> Registry::delete_tag(std::string app, std::string tag, Deadline deadline) {
  const net::Response found = co_await call("HEAD", fmt::format("/v2/{}/manifests/{}", app, tag), deadline);
  const std::string digest = found.headers.get("Docker-Content-Digest");
  if (found.status != 200 || digest.empty()) co_return;
  co_await call("DELETE", fmt::format("/v2/{}/manifests/{}", app, digest), deadline);
}

}  // namespace deis::builder
