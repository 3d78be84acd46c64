#include "controller/events/progress.h"

#include "core/base/text.h"
#include "core/json/json.h"

namespace deis::controller {
namespace {

constexpr std::size_t kMaxReason = 4096;  // of an event, bytes: enough for a reason with its log lines

std::string_view name_of(Phase phase) {
  switch (phase) {
    case Phase::created:
      return "created";
    case Phase::healthy:
      return "healthy";
    case Phase::switched:
      return "switched";
    case Phase::drained:
      return "drained";
    case Phase::retired:
      return "done";
    case Phase::failed:
      return "failed";
  }
  return "failed";
}

}  // namespace

std::string_view name_of(Operation operation) {
  switch (operation) {
    case Operation::deploy:
      return "deploy";
    case Operation::config:
      return "config";
    case Operation::rollback:
      return "rollback";
    case Operation::scale:
      return "scale";
    case Operation::restart:
      return "restart";
    case Operation::destroy:
      return "destroy";
    case Operation::canary:
      return "canary";
    case Operation::promote:
      return "promote";
    case Operation::abort:
      return "abort";
  }
  return "deploy";
}

std::shared_ptr<Progress> Progress::begin(EventLog& log, AppId app, Operation operation, Cause cause) {
  return std::shared_ptr<Progress>(new Progress(log, std::move(app), operation, std::move(cause)));
}

Progress::Progress(EventLog& log, AppId app, Operation operation, Cause cause)
    : log_(log),
      app_(std::move(app)),
      operation_(operation),
      cause_(std::move(cause)),
      begin_(std::chrono::steady_clock::now()) {}

void Progress::starting(std::int64_t release) {
  release_ = release;
  begun_ = true;
  publish("starting", "");
}

OnPhase Progress::on_phase() {
  return
      [self = shared_from_this()](Phase phase, const std::string& detail) { self->on_phase(phase, detail); };
}

void Progress::on_phase(Phase phase, const std::string& detail) {
  if (over_) return;
  if (phase == Phase::failed) return failed(detail);
  if (phase != Phase::retired) return publish(name_of(phase), detail);
  retired_ = true;
  finish_if_over();
}

void Progress::succeeded() {
  succeeded_ = true;
  finish_if_over();
}

void Progress::finish_if_over() {
  if (!succeeded_ || !retired_ || over_) return;
  over_ = true;
  publish("done", "");
}

void Progress::failed(const std::string& why) {
  if (over_ || !begun_) return;
  over_ = true;
  publish("failed", why);
}

void Progress::publish(std::string_view phase, const std::string& detail) {
  const auto took = std::chrono::steady_clock::now() - begin_;
  json::object data{
      {"request_id", cause_.request_id},
      {"operation", name_of(operation_)},
      {"release", release_},
      {"phase", phase},
      {"detail", to_valid_utf8(std::string_view(detail).substr(0, kMaxReason))},
      {"ms", std::chrono::duration_cast<std::chrono::milliseconds>(took).count()},
      {"time", format_iso_micros(std::chrono::system_clock::now())}};
  log_.publish(app_, "phase", json::to_text(data));
}

}  // namespace deis::controller
