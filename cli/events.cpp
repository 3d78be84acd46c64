#include "cli/events.h"

#include "cli/output.h"
#include "core/base/error.h"
#include "core/base/text.h"
#include "core/json/json.h"

#include <fmt/format.h>

namespace deis::cli {
namespace {

constexpr std::size_t kLongest = 1 << 20;

}  // namespace

std::vector<ServerEvent> EventParser::feed(std::string_view piece) {
  std::vector<ServerEvent> events;
  unread_ += piece;
  std::size_t begin = 0;
  for (;;) {
    const auto end = unread_.find('\n', begin);
    if (end == std::string::npos) break;
    std::string_view text = std::string_view(unread_).substr(begin, end - begin);
    if (text.ends_with('\r')) text.remove_suffix(1);
    line(text, events);
    begin = end + 1;
  }
  unread_.erase(0, begin);
  if (unread_.size() + event_.data.size() > kLongest)
    throw Error(ErrorCode::too_large, "an event of more than 1 MB");
  return events;
}

void EventParser::line(std::string_view text, std::vector<ServerEvent>& events) {
  if (text.empty()) {
    if (has_data_) events.push_back(event_);
    event_.name.clear();
    event_.data.clear();
    has_data_ = false;
    return;
  }
  const auto colon = text.find(':');
  const std::string_view field = text.substr(0, colon);
  std::string_view value = colon == std::string_view::npos ? "" : text.substr(colon + 1);
  if (value.starts_with(' ')) value.remove_prefix(1);
  if (field == "event") event_.name = value;
  if (field == "id") event_.id = value;
  if (field != "data") return;
  if (has_data_) event_.data += '\n';
  event_.data += value;
  has_data_ = true;
}

std::optional<Phase> read_phase(const ServerEvent& event) {
  if (event.name != "phase") return std::nullopt;
  try {
    const json::value data = json::parse(event.data);
    return Phase{
        .request_id = text_of(data, "request_id"),
        .release = text_of(data, "release"),
        .name = text_of(data, "phase"),
        .detail = text_of(data, "detail"),
        .ms = parse_int(text_of(data, "ms")).value_or(0)};
  } catch (const Error&) {
    return std::nullopt;
  }
}

std::string phase_line(const Phase& phase) {
  std::string line = fmt::format(
      "  v{} {:<9}{:>7.1f} s  {}",
      phase.release,
      phase.name,
      static_cast<double>(phase.ms) / 1000,
      phase.detail);
  while (line.ends_with(' ')) line.pop_back();
  return line;
}

}  // namespace deis::cli
