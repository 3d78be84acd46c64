#pragma once
// The controller's API for commands: blocking calls, errors as the contract wants them printed (api.md §1.6).

#include "cli/loop.h"

#include <boost/json/value.hpp>

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
  std::string status_line;  // "200 OK"
  std::string body;
};

class Api {
 public:
  // `controller`: "http://deis.example.com". Throws Error{invalid}.
  Api(Loop& loop, const std::string& controller, std::string token);

  // Throws ApiError for a status of 400 or more, Error{unavailable} with the URL and a hint when nobody
  // answers.
  boost::json::value get(const std::string& path);
  boost::json::value post(const std::string& path, const boost::json::value& body);
  boost::json::value post(const std::string& path);  // with an empty body
  void erase(const std::string& path, const std::optional<boost::json::value>& body = std::nullopt);
  std::string get_text(const std::string& path);

  // Whether a controller answers there: GET /v1/ without credentials must be 401 (contract §1.4).
  void probe();

 private:
  Answer call(
      const std::string& method, const std::string& path, const std::string& body, bool with_token = true);
  Answer checked(const std::string& method, const std::string& path, const std::string& body);

  Loop& loop_;
  std::string controller_, token_;
};

}  // namespace deis::cli
