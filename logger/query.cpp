#include "logger/query.h"

#include "core/base/error.h"
#include "core/base/text.h"

namespace deis::logger {
namespace {

constexpr std::size_t kDefaultLines = 100, kMostLines = 100'000;

net::Reply empty(int status) {
  return net::Reply::text(status, "");
}

// nullopt: a query string that is not ours.
std::optional<std::size_t> lines_of(std::string_view query) {
  if (query.empty()) return kDefaultLines;
  constexpr std::string_view kName = "log_lines=";
  if (!query.starts_with(kName)) return std::nullopt;
  const auto number = parse_int(query.substr(kName.size()));
  if (!number || *number < 0) return std::nullopt;
  return *number == 0 ? kDefaultLines : std::min<std::size_t>(static_cast<std::size_t>(*number), kMostLines);
}

}  // namespace

Task<net::Reply> answer_query(LogStore& store, net::WorkerPool& worker, net::Request request) {
  std::string_view name = request.path();
  if (!name.empty()) name.remove_prefix(1);
  if (name.ends_with('/')) name.remove_suffix(1);
  const auto lines = lines_of(request.query());
  if (!is_app_name(name) || !lines) co_return empty(404);
  const std::string app(name);
  if (request.method == "DELETE") {
    auto erase = [&store, app] { store.erase(app); };
    co_await worker.run(std::move(erase));
    co_return empty(200);
  }
  if (request.method != "GET") co_return empty(400);
  std::string text;
  auto read = [&store, &text, app, count = *lines] { text = store.tail(app, count); };
  co_await worker.run(std::move(read));
  if (text.empty()) co_return empty(204);
  co_return net::Reply::text(200, std::move(text));
}

}  // namespace deis::logger
