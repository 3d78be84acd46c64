// Bodies of API requests: "<content type>\n<body>". What is refused is told in one flat JSON object of
// bounded size.
#include "controller/api/body.h"
#include "controller/api/build_body.h"
#include "controller/api/error_response.h"
#include "core/base/fuzz.h"
#include "core/base/text.h"
#include "core/json/json.h"

namespace deis::controller::api {
namespace {

bool is_message(const json::value& value) {
  return value.is_string() && value.get_string().size() <= 510;
}

void check_answer(const std::exception& error) {
  const net::Reply reply = error_response(error);
  FUZZ_REQUIRE(reply.status == 400 || reply.status == 415 || reply.status == 403);
  const json::value body = json::parse(reply.body);
  FUZZ_REQUIRE(body.is_object() && !body.get_object().empty() && body.get_object().size() <= 100);
  for (const auto& member : body.get_object()) {
    FUZZ_REQUIRE(member.key().size() <= 110);
    if (is_message(member.value())) continue;
    FUZZ_REQUIRE(member.value().is_array());
    for (const auto& message : member.value().get_array()) FUZZ_REQUIRE(is_message(message));
  }
}

// As the handlers do.
void read_fields(const json::object& body) {
  Fields fields(body);
  const std::string id = fields.required("id", 64);
  const std::string text = fields.optional("text", 1000, Lines::many);
  const StringMap map = fields.map("map");
  const Patch patch = fields.patch("values");
  fields.check_name<AppId>("id", id);
  fields.check();
  FUZZ_REQUIRE(AppId::parse(id).str() == id);
  FUZZ_REQUIRE(is_valid_utf8(text) && text.find('\0') == std::string::npos && text.size() <= 4000);
  for (const auto& [key, value] : map) FUZZ_REQUIRE(is_valid_utf8(key) && is_valid_utf8(value));
  for (const auto& [key, value] : patch) FUZZ_REQUIRE(is_valid_utf8(key));
}

template <typename Read>
void try_read(Read read) {
  try {
    read();
  } catch (const std::exception& error) {
    check_answer(error);
  }
}

DEIS_FUZZ(body) {
  net::Request request;
  request.method = "POST";
  const auto line = input.find('\n');
  if (line == std::string_view::npos) return;
  request.headers.set("Content-Type", input.substr(0, line));
  request.body = input.substr(line + 1);
  json::object body;
  try_read([&] { body = read_body(request); });
  try_read([&] { read_fields(body); });
  try_read([&] { read_build(body); });
}

}  // namespace
}  // namespace deis::controller::api
