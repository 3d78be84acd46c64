#pragma once
// What one command works with: its arguments, the profile, the API, the checkout, and where its words go.

#include "cli/api.h"
#include "cli/command.h"
#include "cli/git.h"
#include "cli/profile.h"

#include <functional>
#include <iosfwd>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace deis::cli {

// Profile and connection are opened when they are first asked for.
class Session {
 public:
  Session(Loop& loop, Arguments arguments) : loop_(loop), git_(loop), arguments_(std::move(arguments)) {}

  bool has(const std::string& option) const { return arguments_.has(option); }
  std::optional<std::string> find(const std::string& option) const { return arguments_.find(option); }
  const std::vector<std::string>& words() const { return arguments_.positional(); }

  Loop& loop() { return loop_; }
  Git& git() { return git_; }
  const Profile& profile();  // throws when nobody is logged in
  Api& api();                // with the profile's token
  // -a/--app, else the git remote of this controller, else the name of the current directory (contract §8.3).
  const std::string& app();
  std::string app_path(const std::string& rest);  // "/v1/apps/<app>/" + rest

  // A list, with --limit or the profile's limit. With --json and without --limit: all its pages as one.
  boost::json::value page(const std::string& path);

  // --json: then the only thing on standard output is the answer, and what people read goes to standard
  // error.
  bool json() const { return has("json"); }
  std::ostream& say();
  int print_json(const boost::json::value& value);  // 0
  int print_results(const boost::json::value& page);

  // Says `text` ("Creating Application... "), runs `work`; the caller says what follows. On a terminal it
  // moves.
  void progress(const std::string& text, const std::function<void()>& work);
  // The same for what starts or ends containers: the phases of the roll-out are shown on standard error, a
  // line each, when that is a terminal or with --verbose.
  void roll_out(const std::string& text, const std::function<void()>& work);
  // "Scaling processes... but first, coffee!", "done in 3s"
  void timed_roll_out(const std::string& text, const std::function<void()>& work);

 private:
  Loop& loop_;
  Git git_;
  Arguments arguments_;
  std::optional<Profile> profile_;
  std::unique_ptr<Api> api_;
  std::optional<std::string> app_;
};

}  // namespace deis::cli
