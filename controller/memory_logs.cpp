#include "controller/memory_logs.h"

#include "core/base/text.h"
#include "core/base/time.h"

#include <fmt/format.h>

namespace deis::controller {
namespace {

constexpr std::size_t kKept = 1000;         // lines of one app
constexpr std::size_t kDefaultLines = 100;  // contract api.md §3.10

std::size_t lines_asked_for(const net::Request& request) {
  for (const auto& [name, value] : net::parse_form(request.query())) {
    const auto number = parse_int(value);
    if (name == "log_lines" && number && *number > 0) return static_cast<std::size_t>(*number);
  }
  return kDefaultLines;
}

}  // namespace

MemoryLogs::MemoryLogs(Executor executor, Log log)
    : server_(
          executor,
          net::Endpoint::tcp("127.0.0.1", 0),
          [this](net::Request request) { return answer(std::move(request)); },
          std::move(log)) {}

void MemoryLogs::add_platform_line(std::string_view line) {
  const auto open = line.find('['), close = line.find("]: ");
  if (open == std::string_view::npos || close == std::string_view::npos || close < open) return;
  add(std::string(line.substr(open + 1, close - open - 1)), "deis-controller", line.substr(close + 3));
}

void MemoryLogs::add(const std::string& app, std::string_view source, std::string_view text) {
  auto& lines = lines_[app];
  const std::string time = format_utc(std::chrono::system_clock::now());
  lines.push_back(fmt::format("{} {}[{}]: {}\n", time, app, source, text));
  if (lines.size() > kKept) lines.pop_front();
}

Task<net::Reply> MemoryLogs::answer(net::Request request) {
  std::string_view app = request.path().substr(1);
  if (app.ends_with('/')) app.remove_suffix(1);
  const auto found = lines_.find(std::string(app));
  if (request.method == "DELETE") {
    if (found != lines_.end()) lines_.erase(found);
    co_return net::Reply::text(200, "");
  }
  if (found == lines_.end()) co_return net::Reply::text(204, "");
  const auto& lines = found->second;
  const std::size_t count = std::min(lines.size(), lines_asked_for(request));
  std::string text;
  for (auto line = lines.end() - static_cast<std::ptrdiff_t>(count); line != lines.end(); ++line)
    text += *line;
  co_return net::Reply::text(200, std::move(text));
}

}  // namespace deis::controller
