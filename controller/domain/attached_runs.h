#pragma once
// All attached one-off runs of this controller, by the secret name of their session. In memory: a run ends
// with the controller that has it (the reconciler of the next one removes its container).

#include "controller/domain/context.h"
#include "controller/domain/run_session.h"
#include "controller/domain/runs.h"
#include "core/net/task_group.h"

#include <map>
#include <memory>
#include <string>

namespace deis::controller {

class AttachedRuns {
 public:
  static constexpr std::size_t kMaxOfApp = 20, kMax = 200;

  AttachedRuns(Executor executor, Context& context, SessionLimits limits = {});

  struct Opened {
    std::string session;  // 32 hex digits
    JobName job;
  };
  // Starts the command. Error{invalid} when nothing is deployed, Error{conflict} when there are too many,
  // Error{unavailable} when it cannot be started.
  Task<Opened> open(Runs& runs, App app, User by, std::string command, AttachOptions options);
  // Error{not_found} unless `by` started it (or is an administrator).
  std::shared_ptr<RunSession> find(const App& app, const User& by, const std::string& session) const;
  std::size_t size() const { return sessions_.size(); }
  void end_all();  // whoever is attached is told that the controller stops

  // A part of the daemon: until cancelled; then every client is told and every command is ended.
  Task<> serve();
  Task<> stop();

 private:
  struct Entry {
    AppId app;
    UserName user;
    std::shared_ptr<RunSession> session;
  };
  Task<Opened> start(Runs::Prepared prepared, UserName by, AttachOptions options);
  Task<> keep(std::string id, std::shared_ptr<RunSession> session, std::shared_ptr<void> number);
  void check_room(const AppId& app) const;

  Executor executor_;
  Context& context_;
  SessionLimits limits_;
  std::map<std::string, Entry> sessions_;
  std::size_t starting_ = 0;
  bool stopping_ = false;
  net::TaskGroup group_;
};

}  // namespace deis::controller
