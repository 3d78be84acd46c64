#include "logger/batch_reader.h"

#include "core/base/error.h"
#include "core/json/json.h"

#include <algorithm>
#include <utility>

namespace deis::logger {
namespace {

struct Wire {
  std::string c, a, p, l;
  std::int64_t t = 0, s = 0;
  std::optional<std::int64_t> batch;
};
BOOST_DESCRIBE_STRUCT(Wire, (), (c, a, p, l, t, s, batch))

constexpr std::size_t kMostRecords = 10'000, kMostBytes = 8 * 1024 * 1024;

// A name of ours in a line or in the ledger: no line end, no blank.
bool is_word(std::string_view text) {
  return text.size() <= 256 && text.find_first_of(std::string_view(" \r\n\0", 4)) == std::string_view::npos;
}

}  // namespace

std::optional<Batch> BatchReader::next() {
  while (const auto line = lines_.next()) {
    auto wire = json::from<Wire>(json::parse(*line));
    if (wire.batch) {
      batch_.number = *wire.batch;
      bytes_ = 0;
      return std::exchange(batch_, Batch());
    }
    bytes_ += line->size();
    if (batch_.records.size() >= kMostRecords || bytes_ > kMostBytes)
      throw Error(ErrorCode::too_large, "a batch of log records is too long");
    if (wire.c.empty() || !is_word(wire.c) || !is_word(wire.p))
      continue;  // no container of ours has such names
    std::replace(wire.l.begin(), wire.l.end(), '\n', ' ');
    batch_.records.push_back(Record{
        .container = std::move(wire.c),
        .time_ns = wire.t,
        .sequence = wire.s,
        .app = std::move(wire.a),
        .process = std::move(wire.p),
        .line = std::move(wire.l)});
  }
  return std::nullopt;
}

}  // namespace deis::logger
