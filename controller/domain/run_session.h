#pragma once
// An attached one-off run: a container whose terminal a client holds, one at a time. It outlives its client's
// connection: output is kept (bounded) for whoever attaches next, the exit code for a while behind the end.
// A client that does not read holds up the command, as a terminal does; a run that was left on purpose
// (detach) goes on and forgets its oldest output. Loop thread only.

#include "controller/domain/model.h"
#include "controller/scheduler/scheduler.h"
#include "core/net/event.h"

#include <deque>
#include <memory>
#include <optional>
#include <string>

namespace deis::controller {

struct SessionLimits {
  std::chrono::milliseconds total = std::chrono::hours(12);
  // Without a client that has not detached; as long is the end kept for one that comes late.
  std::chrono::milliseconds unattended = std::chrono::seconds(60);
  std::size_t output = 256 * 1024;  // bytes kept that no client has taken
  std::size_t input = 256 * 1024;   // bytes that the command has not taken
};

struct SessionEnd {
  enum class Why { exited, failed, stopped };  // stopped: the controller stops
  Why why = Why::exited;
  int exit_code = 0;
  std::string reason;  // of a failure
};

class RunSession : public std::enable_shared_from_this<RunSession> {
 public:
  RunSession(Executor executor, AttachedRun run, SessionLimits limits);

  // Until it is over and its end is told, or nobody came for it.
  Task<> live();
  void stop();  // the controller stops

  // A client's hold on the session; gives it back at its end.
  class Attachment {
   public:
    explicit Attachment(std::shared_ptr<RunSession> session);
    ~Attachment();
    Attachment(const Attachment&) = delete;

    Task<std::optional<OutputPiece>> read();  // nullopt: all was read, see end()
    const SessionEnd& end() const { return *session_->end_; }
    void told_end() const;  // the client knows
    Task<> write(std::string input);
    void end_input() const;
    Task<> resize(TerminalSize size) const;
    Task<> signal(std::string name) const;
    void detach();   // the session goes on without a client
    void release();  // somebody else may attach; nothing is read any more

   private:
    std::shared_ptr<RunSession> session_;
    bool released_ = false;
  };
  // Error{conflict} when somebody else is attached.
  std::shared_ptr<Attachment> attach();

 private:
  Task<> pump_output();
  Task<> pump_input();
  Task<> run_pumps();
  Task<> supervise();
  Task<> wait_until_told();
  void keep(OutputPiece piece);
  void finish(SessionEnd end);
  Deadline next_limit() const;

  Executor executor_;
  SessionLimits limits_;
  std::shared_ptr<void> in_hand_;
  std::shared_ptr<AttachedJob> job_;  // null behind its end
  Deadline total_limit_, unattended_since_;
  bool attached_ = false, detached_ = false, told_ = false;

  std::deque<OutputPiece> output_;
  std::size_t output_bytes_ = 0;
  std::string input_;
  bool input_ended_ = false, input_refused_ = false;
  std::optional<SessionEnd> end_;
  net::Event changed_;  // anything of the above
};

}  // namespace deis::controller
