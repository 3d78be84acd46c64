#include "router/config_keeper.h"

#include "core/base/error.h"
#include "core/base/text.h"
#include "core/component/durable_file.h"
#include "core/component/router_settings.h"
#include "core/component/tls_material.h"
#include "core/json/json.h"
#include "core/process/process.h"
#include "router/ports.h"
#include "router/run_files.h"

#include <fmt/format.h>

#include <algorithm>
#include <signal.h>

namespace deis::router {

using namespace std::chrono_literals;

namespace {

constexpr auto kLook = 1s;         // how often settings and nginx are compared
constexpr auto kGather = 100ms;    // changes that come together are one reload
constexpr auto kTestLimit = 10s;   // for `nginx -t`
constexpr int kPatience = 5;       // looks until a reload that does not come is a problem
constexpr int kAskAgain = 30;      // looks until nginx is asked again about what it refused
constexpr int kMostAttempts = 40;  // of `nginx -t` to find wrong settings: enough for six among all there are

// "unknown directive ..." of what nginx prints; paths of a candidate say nothing to people.
std::string reason_of(const std::string& printed) {
  std::string_view line = trim(printed);
  const auto emergency = line.find("[emerg] ");
  if (emergency != std::string_view::npos) line.remove_prefix(emergency + 8);
  line = line.substr(0, line.find('\n'));
  const auto process = line.find("#") == std::string_view::npos ? line.npos : line.find(": ");
  if (process != line.npos && line.find_first_not_of("0123456789#") == process)
    line.remove_prefix(process + 2);
  line = line.substr(0, line.rfind(" in /"));
  return to_valid_utf8(line.substr(0, 300));
}

std::string taken(const std::string& port) {
  return fmt::format("another program listens on port {}", port);
}

}  // namespace

ConfigKeeper::ConfigKeeper(
    Executor executor,
    WrittenSettings& written,
    Agent& agent,
    NginxControl& nginx,
    net::WorkerPool& workers,
    Paths paths,
    int routes,
    OnProblems on_problems,
    Log log)
    : executor_(std::move(executor)),
      written_(written),
      agent_(agent),
      nginx_(nginx),
      workers_(workers),
      paths_(std::move(paths)),
      routes_(routes),
      on_problems_(std::move(on_problems)),
      log_(log) {}

Task<> ConfigKeeper::run() {
  // A configuration made of half of what is written would close ports that visitors are on.
  co_await written_.wait_synced();
  while (!agent_.has_read()) co_await agent_.builder_changed().wait(in(kLook));
  load();
  for (;;) {
    std::string problem;
    try {
      problem = co_await bring_up_to_date();
    } catch (const Error& error) {
      if (error.code() == ErrorCode::canceled) throw;
      problem = error.what();
    }
    if (!problem.empty() && problem != problem_) log_.error("nginx configuration", {{"problem", problem}});
    problem_ = std::move(problem);
    const bool changed = co_await agent_.builder_changed().wait(in(kLook));
    if (changed) co_await net::sleep_for(kGather);
  }
}

// An agent that was restarted goes on with what its predecessor had accepted.
void ConfigKeeper::load() {
  on_problems_(problems_);
  const std::string own = paths_.run + "/nameless.pem";
  nameless_ = read_text(own);
  if (!component::key_fits(nameless_, nameless_)) {
    nameless_ = component::make_nameless_pem();
    write_whole(own, nameless_, 0600);
  }
  const std::string text = read_text(paths_.accepted());
  if (text.empty()) return;
  try {
    const auto texts = json::from<std::map<std::string, std::string>>(json::parse(text));
    accepted_ = only_good(SettingValues(texts.begin(), texts.end()));
  } catch (const Error& error) {
    log_.warning(
        "the last good settings cannot be read", {{"file", paths_.accepted()}, {"error", error.what()}});
  }
}

SettingValues ConfigKeeper::shown() const {
  SettingValues values;
  for (const auto& rule : component::router_settings()) {
    const auto text = accepted_.find(rule.key);
    values[std::string(rule.key)] =
        text == accepted_.end() ? std::string(rule.fallback) : component::shown_value(rule, text->second);
  }
  return values;
}

// A port that our own nginx has is not somebody else's.
Facts ConfigKeeper::facts_for(const SettingValues& texts) const {
  Facts facts;
  facts.builder = agent_.wanted().builder().value_or(facts.builder);
  const std::string installed = read_text(paths_.config());
  facts.tls = agent_.has_certificates() || serves_tls(installed);
  facts.ipv6 = has_ipv6();
  facts.nameless = nameless_;
  const SettingValues values = values_in_force(texts);
  for (const auto& key : optional_ports(texts, facts)) {
    const std::string& port = values.at(key);
    if (!listens_on(installed, port) && port_is_taken(port)) facts.taken_ports.insert(key);
  }
  return facts;
}

RenderedConfig ConfigKeeper::render(const SettingValues& texts) const {
  return render_config(paths_, texts, facts_for(texts));
}

// Decides what nginx shall run by: as much of what is written as is good.
Task<> ConfigKeeper::adopt(SettingValues written) {
  SettingPlan plan = plan_settings(accepted_, written);
  refused_ = plan.problems;
  Attempt try_out = [this](const SettingValues& texts) -> Task<std::string> { return attempt(texts); };
  Elimination result =
      co_await eliminate(accepted_, std::move(plan.changes), std::move(try_out), kMostAttempts);
  for (const auto& refused : result.refused)
    refused_.push_back(refused_change(refused.change, refused.reason));
  judged_ = std::move(written);
  if (result.accepted == accepted_) co_return;
  accepted_ = std::move(result.accepted);
  const json::value values =
      json::to_value(std::map<std::string, std::string>(accepted_.begin(), accepted_.end()));
  const std::function<void()> save = [path = paths_.accepted(), text = json::to_text(values)] {
    component::write_durably(path, text);
  };
  try {
    co_await workers_.run(save);
  } catch (const Error& error) {
    if (error.code() == ErrorCode::canceled) throw;
    log_.warning("the last good settings cannot be kept", {{"error", error.what()}});
  }
}

void ConfigKeeper::report(std::vector<SettingProblem> problems) {
  if (problems == problems_) return;
  for (const auto& problem : problems) {
    if (std::ranges::find(problems_, problem) != problems_.end()) continue;
    log_.error(
        "a setting is ignored, its last good value stays",
        {{"key", problem.key}, {"value", problem.value}, {"reason", problem.reason}});
  }
  problems_ = std::move(problems);
  on_problems_(problems_);
}

// "" or why nginx could not run by these settings.
Task<std::string> ConfigKeeper::attempt(SettingValues texts) {
  const std::string port = values_in_force(texts).at("router/port");
  const std::string installed = read_text(paths_.config());
  if (!installed.empty() && !listens_on(installed, port) && port_is_taken(port)) co_return taken(port);
  const RenderedConfig config = render(texts);
  co_return co_await test(config);
}

// "" or why nginx does not run what the settings say.
Task<std::string> ConfigKeeper::bring_up_to_date() {
  SettingValues written = written_.texts();
  if (written != judged_) {
    settled_ = false;
    co_await adopt(std::move(written));
  }
  const Facts facts = facts_for(accepted_);
  std::vector<SettingProblem> problems = refused_;
  for (const auto& key : facts.taken_ports) {
    const std::string port = values_in_force(accepted_).at(key);
    problems.push_back({key, port, taken(port)});
  }
  report(std::move(problems));
  const RenderedConfig config = render_config(paths_, accepted_, facts);
  if (config.text != read_text(paths_.config())) {
    settled_ = false;
    std::string refused = co_await install(config);
    if (!refused.empty()) co_return refused;
  }
  std::string running;
  try {
    running = co_await nginx_.running_configuration(in(2s));
  } catch (const Error& error) {
    if (error.code() == ErrorCode::canceled) throw;
    co_return "";  // it is away, and reads the file when it starts
  }
  if (running == config.fingerprint) {
    if (reloads_ > 0) remove_others(paths_.files(), config.files);
    reloads_ = 0;
    settled_ = true;
    co_return "";
  }
  settled_ = false;
  if (ask_to_reload(config.fingerprint))
    log_.info("nginx shall reload", {{"configuration", config.fingerprint}, {"running", running}});
  co_return reloads_ <= kPatience ? "" : "nginx does not take the new configuration: its log says why";
}

// A reload takes its time, and each costs a generation of workers: what was asked for just now is not asked
// for again, however often there is a look.
bool ConfigKeeper::ask_to_reload(const std::string& fingerprint) {
  const auto now = std::chrono::steady_clock::now();
  if (fingerprint == asked_for_ && now < ask_again_) return false;
  asked_for_ = fingerprint;
  ask_again_ = now + kLook;
  signal_nginx(paths_, SIGHUP);
  ++reloads_;
  return true;
}

// "" or why nginx refuses it.
Task<std::string> ConfigKeeper::install(const RenderedConfig& config) {
  const std::string refused = co_await test(config);
  if (!refused.empty()) {
    if (++refusals_ % kAskAgain == 0) tested_.clear();  // what the machine lacked may be there now
    co_return "refused, the last good one stays: " + refused;
  }
  refusals_ = 0;
  write_whole(paths_.config(), config.text, 0644);
  co_return "";
}

// "" or why nginx refuses it.
Task<std::string> ConfigKeeper::test(const RenderedConfig& config) {
  if (config.text == tested_) co_return verdict_;
  write_missing(config.files);
  const std::string candidate = paths_.config() + ".candidate";
  write_whole(candidate, config.text, 0644);
  process::Command command;
  command.argv = {"nginx", "-t", "-q", "-c", candidate};
  command.inherited = {routes_};
  const process::Output output = co_await process::run(executor_, std::move(command), "", in(kTestLimit));
  tested_ = config.text;
  verdict_ = output.exit.ok() ? "" : reason_of(output.err);
  if (!output.exit.ok() && verdict_.empty()) verdict_ = "nginx -t fails without a word";
  co_return verdict_;
}

}  // namespace deis::router
