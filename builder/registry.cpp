#include "builder/registry.h"

#include "core/base/error.h"

#include <fmt/format.h>

namespace deis::builder {
namespace {

constexpr auto kManifest = "application/vnd.docker.distribution.manifest.v2+json";

Error refusal(const char* method, const std::string& app, int status) {
  return Error(
      ErrorCode::unavailable,
      fmt::format("the registry answered {} to {} for an image of {}, try again later", status, method, app));
}

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
  const auto digest = co_await digest_of(std::move(app), std::move(tag), deadline);
  co_return digest.has_value();
}

Task<> Registry::delete_tag(std::string app, std::string tag, Deadline deadline) {
  const auto digest = co_await digest_of(app, std::move(tag), deadline);
  if (!digest) co_return;
  const net::Response deleted =
      co_await call("DELETE", fmt::format("/v2/{}/manifests/{}", app, *digest), deadline);
  const bool gone = deleted.status == 200 || deleted.status == 202 || deleted.status == 404;
  if (!gone) throw refusal("DELETE", app, deleted.status);
}

Task<std::optional<std::string>> Registry::digest_of(std::string app, std::string tag, Deadline deadline) {
  const net::Response found = co_await call("HEAD", fmt::format("/v2/{}/manifests/{}", app, tag), deadline);
  if (found.status == 404) co_return std::nullopt;
  std::string digest = found.headers.get("Docker-Content-Digest");
  if (found.status != 200 || digest.empty()) throw refusal("HEAD", app, found.status);
  co_return digest;
}

}  // namespace deis::builder
