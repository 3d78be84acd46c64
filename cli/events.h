#pragma once
// Server-sent events: the parser (pure), and the line a phase of a roll-out is shown as.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace deis::cli {

struct ServerEvent {
  std::string id, name, data;
  bool operator==(const ServerEvent&) const = default;
};

// Takes the stream piece by piece as it comes (WHATWG HTML §9.2.6). Comments and fields it does not know are
// dropped; an event over 1 MB ends the stream with Error{too_large}.
class EventParser {
 public:
  std::vector<ServerEvent> feed(std::string_view piece);

 private:
  void line(std::string_view text, std::vector<ServerEvent>& events);

  std::string unread_;
  ServerEvent event_;
  bool has_data_ = false;
};

struct Phase {
  std::string request_id, release, name, detail;
  std::int64_t ms = 0;  // since the operation began
};

// nullopt when the event is about something else.
std::optional<Phase> read_phase(const ServerEvent& event);
std::string phase_line(const Phase& phase);  // "  v4 healthy       1.2 s  web.1"

}  // namespace deis::cli
