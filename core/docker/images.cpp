#include "core/base/error.h"
#include "core/base/text.h"
#include "core/docker/state.h"
#include "core/docker/streams.h"

#include <algorithm>

namespace deis::docker {

std::vector<int> exposed_tcp_ports(const std::map<std::string, json::value>& exposed);  // containers.cpp

namespace {

struct WireImage {
  std::string Id;
  std::vector<std::string> RepoTags;
  docker::Labels Labels;
};
BOOST_DESCRIBE_STRUCT(WireImage, (), (Id, RepoTags, Labels))

struct WireImageConfig {
  std::optional<std::map<std::string, json::value>> ExposedPorts;
};
BOOST_DESCRIBE_STRUCT(WireImageConfig, (), (ExposedPorts))

struct WireImageDetails {
  WireImageConfig Config;
};
BOOST_DESCRIBE_STRUCT(WireImageDetails, (), (Config))

// The registry on loopback takes everybody; the Engine wants the header all the same.
net::Headers no_credentials() {
  net::Headers headers;
  headers.set("X-Registry-Auth", base64_encode("{}"));
  return headers;
}

// A name may hold slashes, which stay; everything else that is special is encoded.
std::string image_path(std::string_view reference) {
  std::string path;
  for (const std::string_view part : split(reference, '/')) path += "/" + url_encode(part);
  return "/images" + path;
}

}  // namespace

Task<std::unique_ptr<Source<Progress>>> Client::build(
    net::BodySource context_tar, BuildOptions options, Deadline deadline) {
  Query query(1, {"t", options.tag});
  query.emplace_back("rm", "1");
  query.emplace_back("forcerm", "1");
  query.emplace_back("pull", options.pull ? "1" : "0");
  query.emplace_back("buildargs", json::to_string(options.build_args));
  query.emplace_back("labels", json::to_string(options.labels));
  if (options.memory_bytes > 0) query.emplace_back("memory", std::to_string(options.memory_bytes));
  if (options.cpu_quota > 0) query.emplace_back("cpuquota", std::to_string(options.cpu_quota));
  if (options.cpu_period > 0) query.emplace_back("cpuperiod", std::to_string(options.cpu_period));
  net::Headers headers;
  headers.set("Content-Type", "application/x-tar");
  auto stream = co_await state_->api.upload(
      "/build", std::move(query), std::move(headers), std::move(context_tar), deadline);
  co_return progress_source(std::move(stream));
}

Task<std::unique_ptr<Source<Progress>>> Client::push(
    std::string repository, std::string tag, Deadline deadline) {
  Query query(1, {"tag", tag});
  auto stream = co_await state_->api.open(
      "POST", image_path(repository) + "/push", std::move(query), no_credentials(), deadline);
  co_return progress_source(std::move(stream));
}

Task<std::unique_ptr<Source<Progress>>> Client::pull(
    std::string repository, std::string tag, Deadline deadline) {
  Query query(1, {"fromImage", repository});
  query.emplace_back("tag", tag);
  auto stream =
      co_await state_->api.open("POST", "/images/create", std::move(query), no_credentials(), deadline);
  co_return progress_source(std::move(stream));
}

Task<std::vector<ImageSummary>> Client::images(
    std::vector<std::string> reference_filters, Deadline deadline) {
  for (std::string& reference : reference_filters) reference = "reference=" + reference;
  Query query(1, filters(reference_filters));
  const json::value answer = co_await state_->api.get("/images/json", std::move(query), deadline);
  std::vector<ImageSummary> images;
  for (auto& wire : json::from<std::vector<WireImage>>(answer)) {
    images.push_back(ImageSummary{wire.Id, std::move(wire.RepoTags), std::move(wire.Labels)});
  }
  co_return images;
}

Task<bool> Client::image_exists(std::string reference, Deadline deadline) {
  try {
    co_await state_->api.get(image_path(reference) + "/json", {}, deadline);
    co_return true;
  } catch (const Error& error) {
    if (error.code() != ErrorCode::not_found) throw;
  }
  co_return false;
}

Task<std::vector<int>> Client::image_exposed_ports(std::string reference, Deadline deadline) {
  const json::value answer = co_await state_->api.get(image_path(reference) + "/json", {}, deadline);
  const auto wire = json::from<WireImageDetails>(answer);
  std::vector<int> ports;
  if (wire.Config.ExposedPorts) ports = exposed_tcp_ports(*wire.Config.ExposedPorts);
  co_return ports;
}

Task<> Client::tag_image(std::string source, std::string repository, std::string tag, Deadline deadline) {
  Query query(1, {"repo", repository});
  query.emplace_back("tag", tag);
  co_await state_->api.call("POST", image_path(source) + "/tag", std::move(query), nullptr, deadline);
}

Task<> Client::remove_image(std::string reference, bool force, Deadline deadline) {
  Query query;
  if (force) query.emplace_back("force", "1");
  co_await state_->api.call("DELETE", image_path(reference), std::move(query), nullptr, deadline);
}

}  // namespace deis::docker
