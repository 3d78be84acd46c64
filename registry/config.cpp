#include "registry/config.h"

#include "core/json/json.h"

namespace deis::registry {

std::string render(const Config& config) {
  const json::object storage{
      {"filesystem", json::object{{"rootdirectory", config.storage}}},
      {"delete", json::object{{"enabled", true}}},
      // No cache of blob descriptors: after a collection it would claim layers that are gone.
  };
  const json::object http{
      {"addr", "127.0.0.1:" + std::to_string(config.port)},
      {"secret", config.secret},
      {"draintimeout", "10s"},  // uploads under way may end when we stop
  };
  const json::object log{{"level", "warn"}, {"accesslog", json::object{{"disabled", true}}}};
  return json::to_text(json::object{{"version", "0.1"}, {"log", log}, {"storage", storage}, {"http", http}});
}

}  // namespace deis::registry
