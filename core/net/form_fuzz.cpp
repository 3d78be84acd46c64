// Forms, plain and multipart, and the addresses of servers.
#include "core/base/error.h"
#include "core/base/fuzz.h"
#include "core/base/text.h"
#include "core/net/http.h"
#include "core/net/multipart.h"
#include "core/net/stream.h"

namespace deis::net {
namespace {

template <typename Read>
bool accepted(Read read) {
  try {
    read();
    return true;
  } catch (const Error& error) {
    FUZZ_REQUIRE(error.code() == ErrorCode::invalid);
    FUZZ_REQUIRE(std::string_view(error.what()).size() < 400);  // nothing of the input without a bound
    return false;
  }
}

void try_form(std::string_view input) {
  std::vector<std::pair<std::string, std::string>> pairs;
  if (!accepted([&] { pairs = parse_form(input); })) return;
  const std::string query = build_query(pairs);
  FUZZ_REQUIRE(parse_form(query.empty() ? query : query.substr(1)) == pairs);
}

void try_multipart(std::string_view input) {
  std::vector<FormPart> parts;
  if (!accepted([&] { parts = parse_multipart("multipart/form-data; boundary=b", input); })) return;
  FUZZ_REQUIRE(parts.size() <= kMostFormParts);
  std::string again;
  for (const FormPart& part : parts) {
    FUZZ_REQUIRE(part.content.find("\r\n--b") == std::string::npos);
    std::string quoted;
    for (const char c : part.name)
      quoted += c == '"' || c == '\\' ? std::string("\\") + c : std::string(1, c);
    if (part.name.find("\r\n") != std::string::npos) return;
    again += "--b\r\nContent-Disposition: form-data; name=\"" + quoted + "\"\r\n\r\n" + part.content + "\r\n";
  }
  again += "--b--";
  const auto read = parse_multipart("multipart/form-data; boundary=b", again);
  FUZZ_REQUIRE(read.size() == parts.size());
  for (std::size_t i = 0; i < parts.size(); ++i) {
    FUZZ_REQUIRE(read[i].name == parts[i].name && read[i].content == parts[i].content);
  }
}

void try_address(std::string_view input) {
  Endpoint endpoint;
  if (!accepted([&] { endpoint = Endpoint::parse(input); })) return;
  FUZZ_REQUIRE(Endpoint::parse(endpoint.str()) == endpoint);
}

DEIS_FUZZ(form) {
  FUZZ_REQUIRE(url_decode(url_encode(input)) == input);
  accepted([&] { header_parameter(input, "charset"); });
  try_form(input);
  try_multipart(input);
  try_address(input);
}

}  // namespace
}  // namespace deis::net
