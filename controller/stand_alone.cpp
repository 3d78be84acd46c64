#include "controller/stand_alone.h"

#include "core/base/error.h"
#include "core/base/names.h"
#include "core/base/text.h"
#include "core/json/json.h"

#include <fmt/format.h>

#include <charconv>

namespace deis::controller {
namespace {

constexpr std::chrono::seconds kLimit{10};
constexpr double kLongestTime = 60;  // seconds, of the settings that are times

constexpr auto kEmptyAllTables = R"sql(
DO $$ BEGIN
  EXECUTE (SELECT 'TRUNCATE ' || string_agg(quote_ident(tablename), ', ') || ' RESTART IDENTITY CASCADE'
           FROM pg_tables WHERE schemaname = 'public' AND tablename NOT IN ('schema_migrations', 'vault_keys'));
END $$)sql";

double number_up_to(const std::string& text, double maximum, const char* rule) {
  double number = -1;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  const bool good =
      error == std::errc() && end == text.data() + text.size() && number >= 0 && number <= maximum;
  if (!good) throw Error(ErrorCode::invalid, fmt::format("must be {}, not '{}'", rule, text));
  return number;
}

double rate_of(const std::string& text) {
  return number_up_to(text, 1, "a number from 0 (never) to 1 (always)");
}

std::chrono::milliseconds time_of(const std::string& text) {
  const double seconds = number_up_to(text, kLongestTime, "a number of seconds from 0 to 60");
  return std::chrono::milliseconds(static_cast<std::int64_t>(seconds * 1000));
}

bool is_enabled(const std::string& text) {
  if (text == "enabled") return true;
  if (text == "disabled") return false;
  throw Error(ErrorCode::invalid, fmt::format("must be enabled or disabled, not '{}'", text));
}

std::set<std::string> names_of(const std::string& text) {
  std::set<std::string> names;
  for (const auto part : split(text, ',')) {
    const std::string name(trim(part));
    if (!name.empty()) names.insert(AppId::parse(name).str());
  }
  return names;
}

net::Reply refusal(const Error& error) {
  const json::object body{{"detail", error.what()}};
  return net::Reply::json(error.code() == ErrorCode::invalid ? 400 : 503, json::to_text(body));
}

}  // namespace

StandAlone::StandAlone(component::Runtime& runtime)
    : etcd_(runtime.etcd()),
      publisher_(runtime.executor(), runtime.etcd(), runtime.log()),
      logs_(runtime.executor(), runtime.log()),
      free_(runtime.executor()) {
  engine_.on_change([this](const JobName& job, JobState state, const std::string& container) {
    publisher_.container(job, state, container);
    logs_.add(
        job.app.str(),
        fmt::format("{}.{}", job.type.str(), job.num),
        fmt::format("container is {}", name_of(state)));
  });
}

// Nothing here takes time by itself: what waits in a platform is over at once.
SchedulerOptions StandAlone::scheduler_options() {
  SchedulerOptions options;
  options.healthy_within = std::chrono::seconds(2);
  options.steady_after = std::chrono::milliseconds(0);
  options.look_every = std::chrono::milliseconds(5);
  options.first_router_within = std::chrono::milliseconds(0);
  return options;
}

AppLog StandAlone::app_log() {
  const auto to_standard_output = AppLog::standard_output();
  return AppLog([this, to_standard_output](std::string_view line) {
    to_standard_output(line);
    logs_.add_platform_line(line);
  });
}

std::optional<net::Endpoint> StandAlone::logger() const {
  if (!has_logger_) return std::nullopt;
  return other_logger_ ? *other_logger_ : logs_.endpoint();
}

void StandAlone::add_to(component::Runtime& runtime, Parts parts) {
  add_settings(parts);
  runtime.add("publisher", [this] { return publisher_.run(); });
  runtime.add("logs", [this] { return logs_.run(); });
  runtime.handle("GET", "/stand-alone/settings", [this](net::Request request) {
    return show_settings(std::move(request));
  });
  runtime.handle("POST", "/stand-alone/settings", [this](net::Request request) {
    return alone(change_settings(std::move(request)));
  });
  runtime.handle("POST", "/stand-alone/reset", [this, parts](net::Request request) {
    return alone(reset(parts, std::move(request)));
  });
}

// ---- settings -----------------------------------------------------------------------------------

void StandAlone::add_rate(const std::string& name, double MemoryEngine::FailureRates::* rate) {
  const auto apply = [this, rate](std::string value) -> Task<> {
    auto rates = engine_.failure_rates();
    rates.*rate = rate_of(value);
    engine_.set_failure_rates(rates);
    co_return;
  };
  settings_[name] = Setting{.value = "0", .standard = "0", .apply = apply};
}

void StandAlone::add_settings(Parts parts) {
  add_rate("failure.create", &MemoryEngine::FailureRates::create);
  add_rate("failure.start", &MemoryEngine::FailureRates::start);
  add_rate("failure.stop", &MemoryEngine::FailureRates::stop);
  add_rate("failure.destroy", &MemoryEngine::FailureRates::destroy);
  add_rate("failure.run", &MemoryEngine::FailureRates::run);
  const auto add = [this](const char* name, const char* standard, std::function<Task<>(std::string)> apply) {
    settings_[name] = Setting{.value = standard, .standard = standard, .apply = std::move(apply)};
  };
  PlatformSettings& platform = parts.settings.current();
  auto& options = parts.scheduler.cluster().options;
  add("failure.health", "0", [this](std::string value) -> Task<> {
    publisher_.set_failure_rate(rate_of(value));
    co_return;
  });
  add("time.start", "0", [this](std::string value) -> Task<> {
    engine_.set_start_time(time_of(value));
    co_return;
  });
  add("time.health", "2", [&options](std::string value) -> Task<> {
    options.healthy_within = time_of(value);
    co_return;
  });
  add("run", "enabled", [&platform](std::string value) -> Task<> {
    platform.allows_runs = is_enabled(value);
    co_return;
  });
  add("logger", "enabled", [this](std::string value) -> Task<> {
    const bool elsewhere = value.find("://") != std::string::npos;
    std::optional<net::Endpoint> other;
    if (elsewhere) other = net::Endpoint::parse(value);
    has_logger_ = elsewhere || is_enabled(value);
    other_logger_ = std::move(other);
    co_return;
  });
  add("reservedNames", "", [&platform](std::string value) -> Task<> {
    platform.reserved_names = names_of(value);
    co_return;
  });
  add("subdomain", "deis", [settings = &parts.settings](std::string value) -> Task<> {
    const std::string name = AppId::parse(value).str();
    co_await settings->change("subdomain", name);
  });
  add("registrationMode", "enabled", [settings = &parts.settings](std::string value) -> Task<> {
    const bool known = value == "enabled" || value == "disabled" || value == "admin_only";
    if (!known)
      throw Error(
          ErrorCode::invalid, fmt::format("must be enabled, disabled or admin_only, not '{}'", value));
    co_await settings->change("registrationMode", value);
  });
}

Task<net::Reply> StandAlone::show_settings(net::Request) {
  json::object body;
  for (const auto& [name, setting] : settings_) body[name] = setting.value;
  co_return net::Reply::json(200, json::to_text(body));
}

Task<> StandAlone::change(std::string name, std::string value) {
  const auto found = settings_.find(name);
  if (found == settings_.end()) {
    std::vector<std::string> names;
    for (const auto& [known, unused] : settings_) names.push_back(known);
    throw Error(
        ErrorCode::invalid, fmt::format("there is no setting '{}'; there are: {}", name, join(names, ", ")));
  }
  Setting& setting = found->second;
  std::string trouble;
  try {
    co_await setting.apply(value);
    setting.value = value;
    co_return;
  } catch (const Error& error) {
    if (error.code() != ErrorCode::invalid) throw;
    trouble = error.what();
  }
  throw Error(ErrorCode::invalid, name + " " + trouble);
}

Task<net::Reply> StandAlone::change_settings(net::Request request) {
  const auto changes = net::parse_form(request.body);
  for (const auto& [name, value] : changes) co_await change(name, value);
  net::Request unused;
  co_return co_await show_settings(std::move(unused));
}

Task<net::Reply> StandAlone::alone(Task<net::Reply> work) {
  while (busy_) co_await free_.wait(Deadline::max());
  busy_ = true;
  net::Reply reply;
  std::exception_ptr failure;
  try {
    reply = co_await std::move(work);
  } catch (const Error& error) {
    reply = refusal(error);
    if (error.code() == ErrorCode::canceled) failure = std::current_exception();
  } catch (...) {
    failure = std::current_exception();
  }
  busy_ = false;
  free_.notify();
  if (failure) std::rethrow_exception(failure);
  co_return reply;
}

// ---- reset --------------------------------------------------------------------------------------

Task<> StandAlone::reset_settings() {
  for (auto& [name, setting] : settings_) {
    if (setting.value == setting.standard) continue;
    co_await setting.apply(setting.standard);
    setting.value = setting.standard;
  }
}

// What is under way ends first, so that nothing is written behind the reset.
Task<net::Reply> StandAlone::reset(Parts parts, net::Request) {
  co_await parts.operations.stop();
  parts.scheduler.retiring().forget_all();
  engine_.clear();
  std::vector<etcd::Compare> always;
  std::vector<etcd::Operation> erasures, nothing;
  for (const char* prefix : {"/deis/apps/", "/deis/domains/", "/deis/certs/", "/deis/services/"}) {
    erasures.push_back({.kind = etcd::Operation::Kind::erase_prefix, .key = prefix});
  }
  co_await etcd_.txn(std::move(always), std::move(erasures), std::move(nothing), in(kLimit));
  auto db = parts.database.database().session(in(kLimit));
  co_await db.query(kEmptyAllTables, pg::Params());
  logs_.clear();
  for (const auto& forget : forgetters_) forget();
  co_await reset_settings();
  net::Reply reply;
  reply.status = 204;
  co_return reply;
}

}  // namespace deis::controller
