#include "controller/events/event_log.h"

#include "core/base/error.h"
#include "core/base/random.h"
#include "core/base/text.h"

#include <boost/asio/this_coro.hpp>
#include <fmt/format.h>

#include <algorithm>

namespace deis::controller {
namespace {

constexpr std::size_t kMaxDelivery = 64;  // events at a time: a listener holds no more than these

std::size_t size_of(const AppEvent& event) {
  return event.name.size() + event.data.size() + sizeof(AppEvent);
}

}  // namespace

EventLog::EventLog(Executor executor, EventLimits limits)
    : executor_(executor), limits_(limits), boot_(random_hex(4)), closing_(std::move(executor)) {}

std::string EventLog::id_of(std::uint64_t sequence) const {
  return fmt::format("{}-{}", boot_, sequence);
}

// nullopt for an id of another boot, and for one that nobody has given.
std::optional<std::uint64_t> EventLog::sequence_of(std::string_view id) const {
  if (!id.starts_with(boot_ + "-")) return std::nullopt;
  const auto number = parse_int(id.substr(boot_.size() + 1));
  if (!number || *number < 0 || static_cast<std::uint64_t>(*number) > sequence_) return std::nullopt;
  return static_cast<std::uint64_t>(*number);
}

std::shared_ptr<EventLog::AppRecord> EventLog::record_of(const AppId& app) {
  auto& record = apps_[app];
  if (!record) {
    record = std::make_shared<AppRecord>(app, executor_);
    record->dropped = forgotten_;
  }
  return record;
}

void EventLog::publish(const AppId& app, std::string name, std::string data) {
  if (closed_) return;
  const auto record = record_of(app);
  AppEvent event{.sequence = ++sequence_, .name = std::move(name), .data = std::move(data)};
  bytes_ += size_of(event);
  kept_.push_back(Kept{.record = record, .event = std::move(event)});
  record->events.push_back(std::prev(kept_.end()));
  if (record->events.size() > limits_.per_app) drop_oldest(*record);
  while (bytes_ > limits_.bytes && !kept_.empty()) {
    const auto oldest = kept_.front().record;
    drop_oldest(*oldest);
    tidy(oldest);
  }
  record->news.notify();
}

void EventLog::drop_oldest(AppRecord& record) {
  const Place oldest = record.events.front();
  record.events.pop_front();
  record.dropped = oldest->event.sequence;
  bytes_ -= size_of(oldest->event);
  kept_.erase(oldest);
}

// Nothing is held for apps without events and listeners: there may have been many.
void EventLog::tidy(const std::shared_ptr<AppRecord>& record) {
  if (record->listeners > 0) return;
  while (record->gone && !record->events.empty()) drop_oldest(*record);
  if (!record->events.empty() || record->gone) return;
  forgotten_ = std::max(forgotten_, record->dropped);
  apps_.erase(record->app);
}

void EventLog::forget(const AppId& app) {
  const auto found = apps_.find(app);
  if (found == apps_.end()) return;
  const auto record = found->second;
  record->gone = true;
  record->news.notify();
  apps_.erase(found);
  forgotten_ = sequence_;
  tidy(record);  // listeners may still be at it
}

void EventLog::forget_all() {
  while (!apps_.empty()) forget(AppId(apps_.begin()->first));
}

std::unique_ptr<EventLog::Listener> EventLog::listen(
    const AppId& app, std::optional<std::string_view> last_id) {
  if (closed_) throw Error(ErrorCode::unavailable, "the controller is stopping");
  if (listeners_ >= limits_.listeners)
    throw Error(ErrorCode::unavailable, fmt::format("{} clients listen to events already", listeners_));
  auto record = record_of(app);
  std::uint64_t seen = sequence_;
  bool missed = false;
  if (last_id) {
    const auto known = sequence_of(*last_id);
    missed = !known || *known < record->dropped;
    seen = missed ? record->dropped : *known;
  }
  return std::unique_ptr<Listener>(new Listener(*this, std::move(record), seen, missed));
}

void EventLog::close() {
  closed_ = true;
  closing_.notify();
  for (const auto& [unused, record] : apps_) record->news.notify();
}

Task<> EventLog::wait_closed() {
  while (!closed_) co_await closing_.wait(Deadline::max());
}

Task<> EventLog::serve() {
  net::Event never(executor_);
  try {
    for (;;) co_await never.wait(Deadline::max());
  } catch (const Error&) {
  }
  close();
}

EventLog::Listener::Listener(
    EventLog& log, std::shared_ptr<AppRecord> record, std::uint64_t seen, bool missed)
    : log_(log), record_(std::move(record)), seen_(seen), missed_(missed) {
  ++log_.listeners_;
  ++record_->listeners;
}

EventLog::Listener::~Listener() {
  --log_.listeners_;
  --record_->listeners;
  log_.tidy(record_);
}

std::string EventLog::Listener::position() const {
  return log_.id_of(seen_);
}

Task<EventLog::Delivery> EventLog::Listener::next(Deadline until) {
  for (;;) {
    Delivery delivery;
    if (missed_ || seen_ < record_->dropped) {
      missed_ = false;
      seen_ = record_->dropped;
      delivery.reset = position();
    }
    const auto behind = [this](Place place) { return place->event.sequence <= seen_; };
    auto place = std::partition_point(record_->events.begin(), record_->events.end(), behind);
    for (; place != record_->events.end() && delivery.events.size() < kMaxDelivery; ++place)
      delivery.events.push_back((*place)->event);
    if (!delivery.events.empty()) seen_ = delivery.events.back().sequence;
    const bool more = place != record_->events.end();
    delivery.ended = !more && (record_->gone || log_.closed_);
    if (delivery.ended || delivery.reset || !delivery.events.empty()) co_return delivery;
    const bool news = co_await record_->news.wait(until);
    if (!news) co_return delivery;
  }
}

}  // namespace deis::controller
