#pragma once
// Keeps nginx's static configuration equal to the settings: renders, has nginx test it, and only then
// replaces the file and has nginx reload until it says that it runs the new one (it may have been starting
// just then). A setting that breaks its rule or that nginx refuses is reported, its last good value stays,
// and the others come into force. Loop thread only.

#include "core/base/log.h"
#include "core/net/offload.h"
#include "router/agent.h"
#include "router/elimination.h"
#include "router/nginx_config.h"
#include "router/settings.h"
#include "router/written_settings.h"

#include <functional>

namespace deis::router {

class ConfigKeeper {
 public:
  // Told whenever the problems change.
  using OnProblems = std::function<void(const std::vector<SettingProblem>&)>;
  ConfigKeeper(
      Executor executor,
      WrittenSettings& written,
      Agent& agent,
      NginxControl& nginx,
      net::WorkerPool& workers,
      Paths paths,
      int routes,
      OnProblems on_problems,
      Log log);

  Task<> run();
  // "" or why nginx does not run by the settings that were accepted. A setting that was not accepted is no
  // reason: the last good one serves.
  const std::string& problem() const { return problem_; }
  const std::vector<SettingProblem>& problems() const { return problems_; }
  // Whether everything that is written was judged, and nginx runs by what came of it.
  bool settled() const { return settled_ && written_.texts() == judged_; }
  // What nginx runs by, to show: defaults included, secrets and files by their size.
  SettingValues shown() const;

 private:
  void load();
  Facts facts_for(const SettingValues& texts) const;
  RenderedConfig render(const SettingValues& texts) const;
  Task<> adopt(SettingValues written);
  void report(std::vector<SettingProblem> problems);
  Task<std::string> attempt(SettingValues texts);
  Task<std::string> bring_up_to_date();
  bool ask_to_reload(const std::string& fingerprint);
  Task<std::string> install(const RenderedConfig& config);
  Task<std::string> test(const RenderedConfig& config);

  Executor executor_;
  WrittenSettings& written_;
  Agent& agent_;
  NginxControl& nginx_;
  net::WorkerPool& workers_;
  Paths paths_;
  int routes_;  // descriptor of the routing table: nginx asks for it, when it only tests, too
  OnProblems on_problems_;
  Log log_;
  std::string nameless_;                 // certificate and key for hosts that have none
  SettingValues accepted_;               // nginx runs by them, or will when it takes the installed file
  std::optional<SettingValues> judged_;  // what was written when accepted_ was decided
  std::vector<SettingProblem> refused_;  // of judged_
  std::vector<SettingProblem> problems_;
  std::string tested_, verdict_;  // the last configuration that nginx tested, and what it said
  std::string problem_;
  bool settled_ = false;
  int refusals_ = 0;       // looks at which what is accepted was refused all the same
  int reloads_ = 0;        // asked for since nginx last ran what is wanted
  std::string asked_for_;  // by the last of them; it is not asked for again before
  std::chrono::steady_clock::time_point ask_again_{};
};

}  // namespace deis::router
