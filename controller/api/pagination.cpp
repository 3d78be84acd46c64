#include "controller/api/pagination.h"

#include "controller/domain/validation.h"
#include "core/base/text.h"

#include <boost/json/string.hpp>
#include <fmt/format.h>

namespace deis::controller::api {
namespace {

constexpr std::int64_t kMaximumPage = 1'000'000'000;

// The address of another page of the same list, other parameters kept.
std::string page_url(const net::Request& request, std::int64_t number) {
  auto parameters = net::parse_form(request.query());
  std::erase_if(parameters, [](const auto& pair) { return pair.first == "page"; });
  parameters.insert(parameters.begin(), {"page", std::to_string(number)});
  const bool secure = to_lower(request.headers.get("X-Forwarded-Proto")) == "https";
  return fmt::format(
      "{}://{}{}{}",
      secure ? "https" : "http",
      to_valid_utf8(request.headers.get("Host")),
      request.path(),
      net::build_query(parameters));
}

}  // namespace

PageRequest read_page(const net::Request& request) {
  PageRequest page;
  for (const auto& [name, value] : net::parse_form(request.query())) {
    const auto number = parse_int(value);
    if (name == "page_size" && number && *number > 0)
      page.size = std::min(*number, PageRequest::kMaximumSize);
    if (name != "page") continue;
    if (value == "last") {
      page.number.reset();
    } else if (!number || *number < 1 || *number > kMaximumPage) {
      throw not_found();
    } else {
      page.number = *number;
    }
  }
  return page;
}

boost::json::object page_frame(const net::Request& request, const PageRequest& asked, std::int64_t count) {
  const std::int64_t number = asked.resolve(count), last = asked.last(count);
  if (number > last) throw not_found();
  boost::json::object frame;
  frame["count"] = count;
  frame["next"] = nullptr;
  frame["previous"] = nullptr;
  if (number < last) frame["next"] = page_url(request, number + 1);
  if (number > 1) frame["previous"] = page_url(request, number - 1);
  return frame;
}

}  // namespace deis::controller::api
