#include "controller/acme/problem.h"

#include "core/base/error.h"
#include "core/base/text.h"
#include "core/json/json.h"

#include <algorithm>
#include <ctime>

namespace deis::controller::acme {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t kMaximumDetail = 400;
constexpr std::chrono::seconds kFurthest = 7 * 24h;
constexpr std::string_view kUrn = "urn:ietf:params:acme:error:";
constexpr std::string_view kHeader = "retry-after:";

struct Document {
  std::string type, detail;
};
BOOST_DESCRIBE_STRUCT(Document, (), (type, detail))

std::string one_line(std::string_view text) {
  std::string line = to_valid_utf8(trim(text).substr(0, kMaximumDetail));
  std::ranges::replace_if(
      line, [](char c) { return static_cast<unsigned char>(c) < ' ' || c == '\x7f'; }, ' ');
  return line;
}

std::optional<Problem> read_document(std::string_view body) {
  try {
    const auto document = json::from<Document>(json::parse(body));
    Problem problem{.type = document.type, .detail = one_line(document.detail)};
    if (problem.type.starts_with(kUrn)) problem.type.erase(0, kUrn.size());
    problem.type = one_line(problem.type);
    return problem;
  } catch (const Error&) {
    return std::nullopt;
  }
}

// "Wed, 25 Nov 2026 18:00:00 GMT": seconds, as years are possible that SystemTime has no room for.
std::optional<std::time_t> read_date(const std::string& text) {
  std::tm parts{};
  const char* end = ::strptime(text.c_str(), "%a, %d %b %Y %H:%M:%S GMT", &parts);
  if (!end || *end != '\0') return std::nullopt;
  return ::timegm(&parts);
}

}  // namespace

Problem read_problem(std::string_view body) {
  if (auto problem = read_document(body); problem && !problem->detail.empty()) return *problem;
  return {.type = "", .detail = one_line(body)};
}

Problem read_challenge(std::string_view lines) {
  constexpr std::string_view error = "[\"error\"]\t";
  for (const std::string_view line : split(lines, '\n')) {
    if (line.starts_with(error)) return read_problem(line.substr(error.size()));
  }
  return {.type = "", .detail = "the authority gave no reason"};
}

std::optional<SystemTime> read_retry_after(std::string_view head, SystemTime now) {
  for (const std::string_view line : split(head, '\n')) {
    if (!to_lower(line.substr(0, kHeader.size())).starts_with(kHeader)) continue;
    const std::string value(trim(line.substr(kHeader.size())));
    auto seconds = parse_int(value);
    if (const auto date = read_date(value)) seconds = *date - std::chrono::system_clock::to_time_t(now);
    if (seconds) return now + std::clamp(std::chrono::seconds(*seconds), 0s, kFurthest);
  }
  return std::nullopt;
}

}  // namespace deis::controller::acme
