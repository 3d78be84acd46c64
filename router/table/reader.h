#pragma once
// A worker's side of the routing table: one look-up per request, without a lock and without allocating.
// Whoever takes an endpoint is counted on it before it is certain that the table has not moved on; so once
// the agent has confirmed a change, it knows all requests that may still be with an old endpoint. One thread.

#include "router/table/balance.h"
#include "router/table/index.h"

#include <string>
#include <string_view>

namespace deis::router::table {

enum class Verdict {
  endpoint,     // taken, when one was needed
  unknown,      // no such host
  ignorant,     // no whole table has been written yet
  no_endpoint,  // the app has none that is up
  forbidden,    // its allow-list does not contain the client
  maintenance,
};

using Address = std::array<std::uint8_t, 16>;  // an IPv4 address as ::ffff:a.b.c.d

struct Query {
  std::string_view host;            // lower case, no port
  const Address* client = nullptr;  // nullptr: admitted already
  bool lists_enforced = false;      // an app without a list is closed to everybody
  std::uint64_t affinity = 0;
  Offset avoid = 0;
  // False: the request only asks whether it may come, and is counted on its app; the next query says on
  // which.
  bool needs_endpoint = true;
  Offset counted_on = 0;
  std::uint32_t random = 0;
  std::int64_t now_ms = 0;
};

struct Taken {
  Verdict verdict = Verdict::unknown;
  Offset app_slot = 0;  // that it is counted on; 0: none
  Endpoint endpoint{};  // its slot is 0 unless taken
  std::array<char, 64> app{};
};

class TableReader {
 public:
  explicit TableReader(Segment segment) : segment_(std::move(segment)), header_(*segment_.at<Header>(0)) {}

  bool is_table() const { return header_.magic == kMagic; }
  // Whether a whole table has been written: before that nothing is known.
  bool is_ready() const { return header_.ready.load() != 0; }
  // Before anything else, in the process that reads. False when too many processes do.
  bool claim(std::int32_t process);

  // `message` is set when the verdict is maintenance. Whatever the verdict, done() ends it.
  Taken take(const Query& query, std::string& message);
  // The request has left the endpoint, but goes on elsewhere: take() again.
  void leave(Taken& taken, bool failed, std::int64_t now_ms);
  struct Outcome {
    int status = 0;
    bool reached = false;  // the endpoint answered
    bool failed = false;   // the endpoint could not be reached, and no other one was tried
    std::uint64_t bytes = 0, millis = 0;
  };
  void done(const Taken& taken, const Outcome& outcome, std::int64_t now_ms);

  // The text of a name; false: there is none. `read` may look at it during the call only.
  template <class Read>
  bool text(Kind kind, std::string_view name, Read read) {
    const Section section(*this);
    const Found found = find(name, kind);
    if (found.value == 0) return false;
    read(static_cast<const Text&>(*segment_.at<Text>(found.value)));
    return true;
  }

 private:
  // As long as it lives, nothing that can be reached is used again.
  class Section {
   public:
    explicit Section(TableReader& reader) : mark_(reader.self_->reading) {
      mark_.store(reader.header_.epoch.load());
    }
    ~Section() { mark_.store(0, std::memory_order_release); }
    Section(const Section&) = delete;
    Section& operator=(const Section&) = delete;

   private:
    std::atomic<std::uint64_t>& mark_;
  };

  // nullptr and 0: there is no such name.
  struct Found {
    const Node* node = nullptr;
    Offset value = 0;
  };
  Found find(std::string_view name, Kind kind) const;
  Found find_app(std::string_view host, std::string_view& app) const;
  bool try_take(const Query& query, std::string& message, Taken& taken);
  bool count_on(const Node& node, Offset value, const Endpoint* endpoint, Taken& taken);
  Counters& counters(Offset slot) const { return segment_.at<Slot>(slot)->counters(column_); }
  void count_failure(const Taken& taken, std::int64_t now_ms);
  void count_answer(Offset slot, const Outcome& outcome);

  Segment segment_;
  Header& header_;
  Reader* self_ = nullptr;
  unsigned column_ = 0;
};

}  // namespace deis::router::table
