#include "controller/domain/run_session.h"

#include "core/base/error.h"
#include "core/net/task_group.h"

#include <boost/asio/this_coro.hpp>

#include <algorithm>

namespace deis::controller {
namespace {

constexpr auto kControlTime = std::chrono::seconds(10);  // for a resize, a signal, the exit code

}  // namespace

RunSession::RunSession(Executor executor, AttachedRun run, SessionLimits limits)
    : executor_(executor),
      limits_(limits),
      in_hand_(std::move(run.in_hand)),
      job_(std::move(run.job)),
      total_limit_(in(limits.total)),
      unattended_since_(std::chrono::steady_clock::now()),
      changed_(std::move(executor)) {}

// ---- its life

Task<> RunSession::live() {
  co_await run_pumps();
  job_.reset();  // the container goes, now or with the last call that is under way
  in_hand_.reset();
  co_await wait_until_told();
}

Task<> RunSession::run_pumps() {
  net::TaskGroup pumps(executor_);
  pumps.spawn(pump_output());
  pumps.spawn(pump_input());
  std::exception_ptr failure;
  try {
    co_await supervise();
  } catch (...) {
    failure = std::current_exception();
  }
  co_await asio::this_coro::reset_cancellation_state(asio::disable_cancellation());
  pumps.cancel();
  co_await pumps.join();
  co_await asio::this_coro::reset_cancellation_state(asio::enable_terminal_cancellation());
  if (failure) std::rethrow_exception(failure);
}

Task<> RunSession::supervise() {
  while (!end_) {
    const Deadline limit = next_limit();
    const bool news = co_await changed_.wait(limit);
    const auto now = std::chrono::steady_clock::now();
    if (news || end_ || next_limit() > now) continue;
    const bool too_long = total_limit_ <= now;
    SessionEnd over{.why = SessionEnd::Why::failed};
    over.reason = too_long ? "the run took longer than it may" : "nobody was attached to the run";
    finish(std::move(over));
  }
}

Deadline RunSession::next_limit() const {
  if (attached_ || detached_) return total_limit_;
  return std::min(total_limit_, unattended_since_ + limits_.unattended);
}

Task<> RunSession::wait_until_told() {
  const Deadline limit = in(limits_.unattended);
  while (!told_ && end_->why != SessionEnd::Why::stopped) {
    if (!attached_ && limit <= std::chrono::steady_clock::now()) co_return;
    const Deadline until = attached_ ? Deadline::max() : limit;
    co_await changed_.wait(until);
  }
}

void RunSession::finish(SessionEnd end) {
  if (end_) return;
  end_ = std::move(end);
  changed_.notify();
}

void RunSession::stop() {
  finish(SessionEnd{.why = SessionEnd::Why::stopped, .reason = "the controller stops"});
}

// ---- what goes through it

Task<> RunSession::pump_output() {
  SessionEnd end;
  try {
    for (;;) {
      while (output_bytes_ >= limits_.output && !detached_) co_await changed_.wait(Deadline::max());
      auto piece = co_await job_->read(Deadline::max());
      if (!piece) break;
      keep(std::move(*piece));
    }
    end.exit_code = co_await job_->exit_code(in(kControlTime));
  } catch (const Error& error) {
    if (error.code() == ErrorCode::canceled) throw;
    const bool gone = error.code() == ErrorCode::not_found;
    end = SessionEnd{
        .why = SessionEnd::Why::failed, .reason = gone ? "the container was removed" : error.what()};
  }
  finish(std::move(end));
}

void RunSession::keep(OutputPiece piece) {
  output_bytes_ += piece.data.size();
  output_.push_back(std::move(piece));
  while (detached_ && output_bytes_ > limits_.output && output_.size() > 1) {
    output_bytes_ -= output_.front().data.size();
    output_.pop_front();
  }
  changed_.notify();
}

// A command that closed its input is no failure: what comes for it is forgotten.
Task<> RunSession::pump_input() {
  try {
    for (;;) {
      while (input_.empty() && !input_ended_) co_await changed_.wait(Deadline::max());
      std::string next = std::exchange(input_, std::string());
      changed_.notify();
      if (!next.empty()) {
        co_await job_->write(std::move(next), Deadline::max());
        continue;
      }
      co_await job_->end_input(in(kControlTime));
      break;
    }
  } catch (const Error& error) {
    if (error.code() == ErrorCode::canceled) throw;
  }
  input_refused_ = true;
  input_.clear();
  changed_.notify();
}

// ---- clients

std::shared_ptr<RunSession::Attachment> RunSession::attach() {
  if (attached_) throw Error(ErrorCode::conflict, "somebody is attached to this run already");
  return std::make_shared<Attachment>(shared_from_this());
}

RunSession::Attachment::Attachment(std::shared_ptr<RunSession> session) : session_(std::move(session)) {
  session_->attached_ = true;
  session_->detached_ = false;
  session_->changed_.notify();
}

RunSession::Attachment::~Attachment() {
  release();
}

void RunSession::Attachment::release() {
  if (std::exchange(released_, true)) return;
  session_->attached_ = false;
  session_->unattended_since_ = std::chrono::steady_clock::now();
  session_->changed_.notify();
}

Task<std::optional<OutputPiece>> RunSession::Attachment::read() {
  RunSession& session = *session_;
  while (released_ || session.output_.empty()) {
    if (session.end_ && !released_) co_return std::nullopt;
    co_await session.changed_.wait(Deadline::max());
  }
  std::optional<OutputPiece> piece = std::move(session.output_.front());
  session.output_.pop_front();
  session.output_bytes_ -= piece->data.size();
  session.changed_.notify();
  co_return piece;
}

void RunSession::Attachment::told_end() const {
  session_->told_ = true;
  session_->changed_.notify();
}

Task<> RunSession::Attachment::write(std::string input) {
  RunSession& session = *session_;
  const auto full = [&] {
    return session.input_.size() >= session.limits_.input && !session.input_refused_ && !session.end_;
  };
  while (full()) co_await session.changed_.wait(Deadline::max());
  if (session.input_refused_ || session.input_ended_ || session.end_) co_return;
  session.input_ += input;
  session.changed_.notify();
}

void RunSession::Attachment::end_input() const {
  session_->input_ended_ = true;
  session_->changed_.notify();
}

Task<> RunSession::Attachment::resize(TerminalSize size) const {
  const auto job = session_->job_;
  if (job && !session_->end_) co_await job->resize(size, in(kControlTime));
}

Task<> RunSession::Attachment::signal(std::string name) const {
  const auto job = session_->job_;
  if (job && !session_->end_) co_await job->signal(std::move(name), in(kControlTime));
}

void RunSession::Attachment::detach() {
  if (released_) return;
  session_->detached_ = true;
  release();
}

}  // namespace deis::controller
