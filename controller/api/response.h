#pragma once
// Answers of the API: bodies and the headers that every one of them carries (contract api.md §1.2).

#include "core/net/http_server.h"

#include <boost/json/value.hpp>

#include <string>
#include <vector>

namespace deis::controller::api {

// A document that is written out already.
struct JsonText {
  std::string text;
};
JsonText to_text(const boost::json::value& document);
inline JsonText to_text(JsonText text) {
  return text;
}

net::Reply ok(const boost::json::value& body);
net::Reply ok(JsonText body);
net::Reply created(const boost::json::value& body);
net::Reply empty(int status);
net::Reply detail(int status, std::string_view message);  // {"detail": message}

// Deis-Release and X-Deis-Release.
void set_release(net::Reply& reply, std::int64_t version);

// The versions, which every answer carries.
net::Headers version_headers();
// Versions, and CORS when the request comes from a page of another origin.
void add_standard_headers(net::Reply& reply, const net::Request& request);
// The answer to OPTIONS: a CORS preflight, or what the resource can do.
net::Reply options_reply(const net::Request& request, const std::vector<std::string>& methods);
// "GET, HEAD, OPTIONS, POST"
std::string allow_header(const std::vector<std::string>& methods);

}  // namespace deis::controller::api
