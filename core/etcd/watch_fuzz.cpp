// What etcd sends on a watch: the same messages however the bytes are cut; every answer is read or refused.
#include "core/base/error.h"
#include "core/base/fuzz.h"
#include "core/base/lines.h"
#include "core/etcd/wire.h"

#include <tuple>
#include <vector>

namespace deis::etcd {
namespace {

using Seen = std::tuple<bool, bool, std::string, Revision, std::vector<std::string>>;

struct Outcome {
  std::vector<Seen> messages;
  bool refused = false;
  bool operator==(const Outcome&) const = default;
};

Seen see(const wire::WatchMessage& message) {
  std::vector<std::string> changes;
  for (const Change& change : message.batch.changes) {
    const KeyValue& entry = change.entry;
    changes.push_back(
        std::to_string(change.deleted) + entry.key + "=" + entry.value + std::to_string(entry.mod_revision));
  }
  return {message.created, message.compacted, message.failure, message.batch.revision, changes};
}

class Connection {
 public:
  void take(std::string_view bytes) {
    if (outcome.refused) return;
    try {
      lines_.add(bytes);
      while (const auto line = lines_.next()) outcome.messages.push_back(see(wire::read_watch(*line)));
    } catch (const Error& error) {
      FUZZ_REQUIRE(error.code() == ErrorCode::invalid || error.code() == ErrorCode::too_large);
      outcome.refused = true;
    }
  }
  Outcome outcome;

 private:
  LineSplitter lines_{64 * 1024, "a message"};
};

template <typename Read>
void try_answer(Read read) {
  try {
    read();
  } catch (const Error& error) {
    FUZZ_REQUIRE(error.code() == ErrorCode::invalid || error.code() == ErrorCode::unavailable);
  }
}

DEIS_FUZZ(etcd_watch) {
  fuzz::Choices choices(input);
  Connection whole, cut;
  whole.take(input);
  for (std::string_view rest = input; !rest.empty();) cut.take(choices.piece(rest));
  FUZZ_REQUIRE(whole.outcome == cut.outcome);
  try_answer([&] { wire::read_page(input); });
  try_answer([&] { wire::read_txn(input); });
  try_answer([&] { wire::read_lease_keys(input); });
  try_answer([&] { wire::read_keep_alive_ttl(input); });
  wire::read_failure(500, input);
}

}  // namespace
}  // namespace deis::etcd
