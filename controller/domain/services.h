#pragma once
// All services of the domain, one per noun. A service checks the rules, combines rows and scheduler, and
// knows no HTTP.

#include "controller/domain/apps.h"
#include "controller/domain/attached_runs.h"
#include "controller/domain/audit.h"
#include "controller/domain/auto_certs.h"
#include "controller/domain/canaries.h"
#include "controller/domain/certs.h"
#include "controller/domain/domains.h"
#include "controller/domain/formation.h"
#include "controller/domain/insight.h"
#include "controller/domain/keys.h"
#include "controller/domain/policies.h"
#include "controller/domain/pushes.h"
#include "controller/domain/releases.h"
#include "controller/domain/runs.h"
#include "controller/domain/tokens.h"
#include "controller/domain/tracing.h"
#include "controller/domain/users.h"

namespace deis::controller {

class Services {
 public:
  Services(Context context, AppLogs& app_logs, AttachedRuns& attached)
      : context_(std::move(context)),
        settings(context_.settings),
        logs(app_logs),
        events(context_.events),
        attached_runs(attached),
        users(context_),
        tokens(context_),
        audit(context_),
        keys(context_),
        apps(context_, app_logs),
        releases(context_),
        canaries(context_),
        formation(context_),
        insight(context_),
        runs(context_),
        domains(context_),
        certs(context_),
        auto_certs(context_),
        policies(context_),
        tracing(context_),
        pushes(context_) {}
  Services(const Services&) = delete;  // the services refer to our context

 private:
  Context context_;

 public:
  const PlatformSettings& settings;
  AppLogs& logs;
  EventLog& events;
  AttachedRuns& attached_runs;
  Users users;
  Tokens tokens;
  Audit audit;
  Keys keys;
  Apps apps;
  Releases releases;
  Canaries canaries;
  Formation formation;
  Insight insight;
  Runs runs;
  Domains domains;
  Certs certs;
  AutoCerts auto_certs;
  Policies policies;
  Tracing tracing;
  Pushes pushes;
};

}  // namespace deis::controller
