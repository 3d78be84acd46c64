#pragma once
// The controller's API for commands: blocking calls, errors as the contract wants them printed (api.md §1.6).

#include "cli/loop.h"
#include "cli/url.h"
#include "core/net/http_client.h"

#include <boost/json/value.hpp>

#include <chrono>
#include <optional>
#include <stdexcept>
#include <string>

namespace deis::cli {

// What the controller refused, already in the form that is shown to the user.
class ApiError : public std::runtime_error {
 public:
  ApiError(int status, const std::string& shown) : std::runtime_error(shown), status_(status) {}
  int status() const { return status_; }

 private:
  int status_;
};

struct Answer {
  int status = 0;
  std::string reason;  // "OK"
  net::Headers headers;
  std::string body;
};

// The text of an ApiError: status line, then one `key: value` line per string; pure.
std::string shown_error(const Answer& answer);

class Api {
 public:
  struct Access {
    ControllerUrl url;
    std::string token;  // "" is nobody
    bool ssl_verify = false;
  };
  Api(Loop& loop, Access access);

  // Each throws ApiError for a status of 400 or more, and Error with the URL and a hint when nobody answers,
  // when the certificate is wrong, when the answer is late or is no JSON.
  boost::json::value get(const std::string& path);
  // As get(); nullopt for 404: this controller has no such thing.
  std::optional<boost::json::value> find(const std::string& path);
  boost::json::value post(const std::string& path, const boost::json::value& body);
  boost::json::value post(const std::string& path);  // with an empty body
  void erase(const std::string& path, const std::optional<boost::json::value>& body = std::nullopt);
  std::string get_text(const std::string& path);

  // Whether a controller answers there: GET /v1/ without credentials must be 401 (contract §1.4).
  void probe();

  // Goes along with the next calls as X-Request-Id; events of what they cause carry it.
  void set_request_id(std::string id) { request_id_ = std::move(id); }
  void set_limit(std::chrono::steady_clock::duration limit) { limit_ = limit; }
  Loop& loop() { return loop_; }

  // For streams and upgrades: a request with the usual headers, a client that dials as this one does, and
  // what an error of it means.
  net::Request request(const std::string& method, const std::string& path, bool with_token = true) const;
  net::HttpClient client() const;
  std::string url_of(const std::string& path) const { return access_.url.str() + path; }

 private:
  Answer call(net::Request request);
  Answer checked(net::Request request);
  Answer follow(net::Request request, Answer redirect);
  boost::json::value parsed(const std::string& path, const Answer& answer) const;

  Loop& loop_;
  Access access_;
  std::string request_id_;
  std::optional<std::chrono::steady_clock::duration> limit_;
};

}  // namespace deis::cli
