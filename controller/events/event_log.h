#pragma once
// What happens to apps, as it happens: a short memory per app, and whoever listens. In memory only and
// bounded in all: a listener has no queue of its own but a place in the app's events, so one that is too slow
// loses events and is told so (reset), and costs nothing. Loop thread only.

#include "core/base/names.h"
#include "core/net/event.h"

#include <cstdint>
#include <deque>
#include <list>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace deis::controller {

struct AppEvent {
  std::uint64_t sequence = 0;
  std::string name;  // "phase", "container"
  std::string data;  // JSON in one line
};

struct EventLimits {
  std::size_t per_app = 256;            // events kept
  std::size_t bytes = 4 * 1024 * 1024;  // of all events kept, names and data
  std::size_t listeners = 512;
};

class EventLog {
  struct AppRecord;

 public:
  explicit EventLog(Executor executor, EventLimits limits = {});
  EventLog(const EventLog&) = delete;

  void publish(const AppId& app, std::string name, std::string data);
  // The app is gone: its listeners end when they have got what is there, its events are forgotten.
  void forget(const AppId& app);
  void forget_all();

  struct Delivery {
    bool ended = false;                // nothing comes any more
    std::optional<std::string> reset;  // events were missed: go on from this id; what is kept follows
    std::vector<AppEvent> events;      // empty: the deadline passed without one
  };
  class Listener {
   public:
    ~Listener();
    Task<Delivery> next(Deadline until);
    std::string position() const;  // id of the last event that was delivered, or that was before it began

   private:
    friend class EventLog;
    Listener(EventLog& log, std::shared_ptr<AppRecord> record, std::uint64_t seen, bool missed);
    EventLog& log_;
    std::shared_ptr<AppRecord> record_;
    std::uint64_t seen_;
    bool missed_;
  };
  // With the id of the last event that a listener has seen: those behind it come first, or a reset when that
  // cannot be told. Without: only new ones. Error{unavailable} when there are too many listeners. Must not
  // outlive the log.
  std::unique_ptr<Listener> listen(const AppId& app, std::optional<std::string_view> last_id);

  // A part of the daemon: until cancelled; then every listener ends.
  Task<> serve();
  void close();
  Task<> wait_closed();

  std::string id_of(std::uint64_t sequence) const;  // "<boot>-<sequence>"
  std::size_t bytes() const { return bytes_; }
  std::size_t listeners() const { return listeners_; }
  std::size_t apps() const { return apps_.size(); }

 private:
  struct Kept {
    std::shared_ptr<AppRecord> record;
    AppEvent event;
  };
  using Place = std::list<Kept>::iterator;
  struct AppRecord {
    AppRecord(AppId id, Executor executor) : app(std::move(id)), news(std::move(executor)) {}
    AppId app;
    std::deque<Place> events;
    std::uint64_t dropped = 0;  // sequence of the newest event that is kept no longer
    bool gone = false;          // its app was destroyed
    int listeners = 0;
    net::Event news;
  };

  std::shared_ptr<AppRecord> record_of(const AppId& app);
  std::optional<std::uint64_t> sequence_of(std::string_view id) const;
  void drop_oldest(AppRecord& record);
  void tidy(const std::shared_ptr<AppRecord>& record);

  Executor executor_;
  EventLimits limits_;
  std::string boot_;
  std::uint64_t sequence_ = 0;   // of the newest event
  std::uint64_t forgotten_ = 0;  // up to here events of apps without a record were dropped
  std::list<Kept> kept_;         // of all apps, oldest first
  std::map<AppId, std::shared_ptr<AppRecord>> apps_;
  std::size_t bytes_ = 0, listeners_ = 0;
  bool closed_ = false;
  net::Event closing_;
};

}  // namespace deis::controller
