#pragma once
// The controller's hooks, as the builder uses them (contract api.md §3.20). Messages of Errors are for the
// pusher.

#include "builder/ssh_command.h"
#include "core/component/directory.h"
#include "core/component/settings.h"
#include "core/net/http_client.h"

#include <map>
#include <optional>

namespace deis::builder {

struct PushRecord {
  Identity identity;
  AppId app;
  std::string sha;
  std::string ssh_connection, original_command;
};

struct NewBuild {
  AppId app;
  UserName user;
  std::string sha;
  std::map<std::string, std::string> procfile;
  std::optional<int> canary;  // per cent of the requests
};

struct LaunchedRelease {
  std::int64_t version = 0;
  std::string domain;
};

// What became of a commit: none when no release was made of it.
struct ReleaseOfCommit {
  std::optional<LaunchedRelease> release;
};

class ControllerClient {
 public:
  ControllerClient(
      Executor executor, component::Directory& directory, component::Settings& controller_settings);

  // nullopt: nobody has this key.
  Task<std::optional<Identity>> owner_of_key(std::string type, std::string base64, Deadline deadline);
  // Throws Error{forbidden} or {not_found} unless the user may work on the app.
  Task<> authorise(UserName user, AppId app, Deadline deadline);
  Task<> record_push(PushRecord push, Deadline deadline);
  Task<LaunchedRelease> release(NewBuild build, Deadline deadline);
  // Throws Error when the controller cannot say: it is away, or a change of the app is under way.
  Task<ReleaseOfCommit> release_of(AppId app, std::string sha, Deadline deadline);
  // Whether the controller says in so many words that there is no such app; anything else is "not known".
  Task<bool> is_certainly_gone(AppId app, Deadline deadline);

 private:
  Task<net::Response> call(std::string method, std::string path, std::string body, Deadline deadline);
  Task<std::string> checked(std::string path, std::string body, Deadline deadline);

  Executor executor_;
  component::Directory& directory_;
  component::Settings& settings_;
};

}  // namespace deis::builder
