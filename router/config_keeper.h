#pragma once
// Keeps nginx's static configuration equal to the settings: renders, has nginx test it, and only then
// replaces the file and has nginx reload until it says that it runs the new one (it may have been starting
// just then). A configuration that nginx refuses is reported and the last good one stays.

#include "core/base/log.h"
#include "core/component/settings.h"
#include "router/agent.h"
#include "router/nginx_config.h"

namespace deis::router {

class ConfigKeeper {
 public:
  ConfigKeeper(
      Executor executor,
      component::Settings& router,
      component::Settings& controller,
      Agent& agent,
      NginxControl& nginx,
      Paths paths,
      int routes,
      Log log);

  Task<> run();
  const std::string& problem() const { return problem_; }  // "" or why the last change was refused

 private:
  StaticSettings wanted() const;
  Task<std::string> bring_up_to_date();
  Task<std::string> install(const std::string& text);
  Task<std::string> refusal(const std::string& candidate);

  Executor executor_;
  component::Settings& router_;
  component::Settings& controller_;
  Agent& agent_;
  NginxControl& nginx_;
  Paths paths_;
  int routes_;  // descriptor of the routing table: nginx asks for it, when it only tests, too
  Log log_;
  std::string problem_;
  int reloads_ = 0;  // asked for since nginx last ran what is wanted
};

}  // namespace deis::router
