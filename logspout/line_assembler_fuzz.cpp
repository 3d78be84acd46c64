// Lines out of container output: always text that a log file can hold, filed under an app that can exist.
#include "core/base/fuzz.h"
#include "core/base/names.h"
#include "core/base/text.h"
#include "logspout/line_assembler.h"

#include <utility>

namespace deis::logspout {
namespace {

void check(const Line& line) {
  FUZZ_REQUIRE(is_valid_utf8(line.text));
  FUZZ_REQUIRE(line.text.find('\n') == std::string::npos);
  FUZZ_REQUIRE(line.text.size() <= 8 * LineAssembler::kLongest);
  FUZZ_REQUIRE(line.sequence >= 0);
  const Source source{.app = "deis-controller", .process = "1", .speaks_of_apps = true};
  std::string text = line.text;
  const Source filed = attribute(source, text);
  FUZZ_REQUIRE(AppId::parse(filed.app).str() == filed.app);
  FUZZ_REQUIRE(line.text.ends_with(text));
}

DEIS_FUZZ(log_lines) {
  fuzz::Choices choices(input);
  LineAssembler assembler;
  std::pair<std::int64_t, std::int64_t> last{std::numeric_limits<std::int64_t>::min(), 0};
  while (!input.empty()) {
    // One frame a line: "e<text>" is of standard error; a line that ends in '\\' has no line feed.
    std::string_view frame = input.substr(0, input.find('\n'));
    input.remove_prefix(std::min(input.size(), frame.size() + 1));
    const bool err = frame.starts_with('e');
    if (err) frame.remove_prefix(1);
    const bool open = frame.ends_with('\\');
    if (open) frame.remove_suffix(1);
    docker::LogPiece piece{
        err ? docker::LogPiece::Stream::err : docker::LogPiece::Stream::out, std::string(frame)};
    if (choices.size(8) == 1) piece.data += piece.data;
    if (!open) piece.data += '\n';
    for (const Line& line : assembler.take(piece)) {
      check(line);
      const std::pair<std::int64_t, std::int64_t> now{line.time_ns, line.sequence};
      FUZZ_REQUIRE(last < now);  // that is how the logger knows a line that comes again
      last = now;
    }
  }
}

}  // namespace
}  // namespace deis::logspout
