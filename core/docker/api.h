#pragma once
// Requests to the Engine as all parts of the client make them: versioned path, JSON, the Engine's message in
// the Error.

#include "core/base/error.h"
#include "core/docker/client.h"
#include "core/json/json.h"

#include <string>
#include <utility>
#include <vector>

namespace deis::docker {

// What an answer of 400 or more means, in the Engine's own words.
Error refusal(const std::string& path, int status, const std::string& body);

using Query = std::vector<std::pair<std::string, std::string>>;

class Api {
 public:
  Api(Executor executor, net::Endpoint engine);

  // Body of the answer as JSON (null when empty). `path` starts behind the version: "/containers/json".
  Task<json::value> call(
      std::string method, std::string path, Query query, json::value body, Deadline deadline);
  Task<json::value> get(std::string path, Query query, Deadline deadline);
  Task<std::unique_ptr<net::ResponseStream>> open(
      std::string method, std::string path, Query query, net::Headers headers, Deadline deadline);
  Task<std::unique_ptr<net::ResponseStream>> upload(
      std::string path, Query query, net::Headers headers, net::BodySource body, Deadline deadline);
  Task<net::Upgraded> upgrade(std::string path, Query query, Deadline deadline);
  Task<> ping(Deadline deadline);
  Task<std::string> version(Deadline deadline);

 private:
  Task<net::Request> request(std::string method, std::string path, Query query, Deadline deadline);

  net::HttpClient http_;
  std::string version_;  // negotiated at the first call: the Engine's, at most kNewest
};

// {"label":["a=b"]} as the query parameter `filters`; "label=a=b" style input.
std::pair<std::string, std::string> filters(const std::vector<std::string>& conditions);

}  // namespace deis::docker
