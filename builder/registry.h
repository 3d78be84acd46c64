#pragma once
// The registry, as far as the builder needs it: whether a tag is there, and taking one back.

#include "core/component/directory.h"
#include "core/net/http_client.h"

#include <optional>

namespace deis::builder {

class Registry {
 public:
  Registry(Executor executor, component::Directory& directory)
      : executor_(std::move(executor)), directory_(directory) {}

  std::string repository(const std::string& app) const;  // "localhost:5000/shop"; throws Error{unavailable}
  // Each throws Error{unavailable} unless the registry says clearly that it is there, is not, is deleted.
  Task<bool> has_tag(std::string app, std::string tag, Deadline deadline);
  Task<> delete_tag(std::string app, std::string tag, Deadline deadline);

 private:
  Task<std::optional<std::string>> digest_of(std::string app, std::string tag, Deadline deadline);
  Task<net::Response> call(std::string method, std::string path, Deadline deadline);
  Executor executor_;
  component::Directory& directory_;
};

}  // namespace deis::builder
