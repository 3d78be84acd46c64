// What comes in from logspouts: the same batches however the bytes are cut, and nothing that breaks a log
// file.
#include "core/base/error.h"
#include "core/base/fuzz.h"
#include "core/base/text.h"
#include "logger/batch_reader.h"

namespace deis::logger {
namespace {

struct Outcome {
  std::vector<std::string> batches;
  bool refused = false;
  bool operator==(const Outcome&) const = default;
};

std::string describe(const Batch& batch) {
  std::string text = std::to_string(batch.number);
  for (const Record& record : batch.records) {
    if (!is_app_name(record.app)) continue;  // the store drops it
    const std::string line = format(record);
    FUZZ_REQUIRE(line.ends_with('\n') && line.find('\n') == line.size() - 1);
    FUZZ_REQUIRE(record.container.find_first_of(" \n") == std::string::npos);
    text += " " + record.container + " " + std::to_string(record.sequence) + " " + line;
  }
  return text;
}

class Connection {
 public:
  void take(std::string_view bytes) {
    if (outcome.refused) return;
    try {
      reader_.add(bytes);
      while (const auto batch = reader_.next()) outcome.batches.push_back(describe(*batch));
    } catch (const Error& error) {
      FUZZ_REQUIRE(error.code() == ErrorCode::invalid || error.code() == ErrorCode::too_large);
      outcome.refused = true;
    }
  }
  Outcome outcome;

 private:
  BatchReader reader_;
};

DEIS_FUZZ(log_batches) {
  fuzz::Choices choices(input);
  Connection whole, cut;
  whole.take(input);
  for (std::string_view rest = input; !rest.empty();) cut.take(choices.piece(rest));
  FUZZ_REQUIRE(whole.outcome == cut.outcome);
}

}  // namespace
}  // namespace deis::logger
