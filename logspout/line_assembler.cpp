#include "logspout/line_assembler.h"

#include "core/base/error.h"
#include "core/base/names.h"
#include "core/base/text.h"
#include "core/base/time.h"

#include <algorithm>

namespace deis::logspout {

std::vector<Line> LineAssembler::take(const docker::LogPiece& piece) {
  std::vector<Line> lines;
  std::string& partial = partial_[piece.stream == docker::LogPiece::Stream::err ? 1 : 0];
  // A frame holds one message; a TTY's stream is cut anywhere, but its lines all begin with their time.
  std::string_view rest = piece.data;
  while (!rest.empty()) {
    const auto end = rest.find('\n');
    const bool complete = end != std::string_view::npos;
    const std::string_view message = rest.substr(0, end);
    rest.remove_prefix(complete ? end + 1 : rest.size());
    const auto blank = message.find(' ');
    std::int64_t time_ns = 0;
    try {
      time_ns = parse_rfc3339(message.substr(0, blank)).time_since_epoch().count();
    } catch (const Error&) {
      ++unreadable_;
      continue;
    }
    if (blank != std::string_view::npos) partial += message.substr(blank + 1);
    if (complete) {
      add(lines, time_ns, std::exchange(partial, std::string()));
    } else if (partial.size() > kLongest) {
      add(lines, time_ns, std::exchange(partial, std::string()) + " [line cut here]");
    }
  }
  return lines;
}

void LineAssembler::add(std::vector<Line>& lines, std::int64_t time_ns, std::string text) {
  // Docker stamps the two outputs separately before it writes them one after the other, so that a line may be
  // a little older than the one before it. It keeps its place: the logger takes only what is newer than what
  // it has.
  time_ns = std::max(time_ns, last_time_);
  sequence_ = time_ns == last_time_ ? sequence_ + 1 : 0;
  last_time_ = time_ns;
  if (!text.empty() && text.back() == '\r') text.pop_back();
  lines.push_back(Line{time_ns, sequence_, is_valid_utf8(text) ? std::move(text) : to_valid_utf8(text)});
}

std::optional<Source> source_of(const docker::Labels& labels) {
  const auto label = [&](const char* name) {
    const auto found = labels.find(name);
    return found == labels.end() ? std::string() : found->second;
  };
  const std::string role = label("deis.role"), component = label("deis.component");
  if (role == "app" || role == "run") {
    try {
      const JobName job = JobName::parse(label("deis.job"));
      return Source{job.app.str(), job.type.str() + "." + std::to_string(job.num), false};
    } catch (const Error&) {
      return std::nullopt;
    }
  }
  if (component.empty()) return std::nullopt;
  return Source{
      "deis-" + component,
      "1",
      component == "controller" || component == "publisher" || component == "router"};
}

Source attribute(const Source& source, std::string& text) {
  if (!source.speaks_of_apps) return source;
  const auto blank = text.find(' ');
  const auto close = text.find("]: ");
  const bool shaped = blank != std::string::npos && blank > 0 && close != std::string::npos &&
                      text[blank + 1] == '[' && close > blank + 2;
  if (!shaped || text.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZ") != blank) return source;
  const std::string app = text.substr(blank + 2, close - blank - 2);
  try {
    AppId::parse(app);
  } catch (const Error&) {
    return source;
  }
  text.erase(0, close + 3);
  return Source{app, source.app, false};
}

}  // namespace deis::logspout
