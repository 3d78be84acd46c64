#include "cli/session.h"

#include "cli/output.h"
#include "cli/progress.h"
#include "core/base/error.h"
#include "core/base/text.h"
#include "core/json/json.h"

#include <filesystem>
#include <iostream>

namespace deis::cli {

const Profile& Session::profile() {
  if (!profile_) profile_ = load_profile();
  return *profile_;
}

Api& Session::api() {
  if (!api_) {
    Api::Access access;
    access.url = ControllerUrl::parse(with_scheme(profile().controller));
    access.token = profile().token;
    access.ssl_verify = profile().ssl_verify;
    api_ = std::make_unique<Api>(loop_, std::move(access));
  }
  return *api_;
}

const std::string& Session::app() {
  if (app_) return *app_;
  if (const auto given = find("app")) {
    app_ = *given;
  } else if (const auto remote = git_.app_of_remote(host_of(profile().controller))) {
    app_ = *remote;
  } else {
    std::error_code gone;
    app_ = to_lower(std::filesystem::current_path(gone).filename().string());
  }
  if (app_->empty())
    throw Error(
        ErrorCode::invalid, "which application? Name it with --app=<app>, or run this in its checkout");
  return *app_;
}

std::string Session::app_path(const std::string& rest) {
  return "/v1/apps/" + url_encode(app()) + "/" + rest;
}

json::value Session::page(const std::string& path) {
  const auto given = find("limit");
  const auto number = given ? parse_int(*given) : profile().response_limit;
  if (!number || *number < 1) throw Error(ErrorCode::invalid, "--limit must be a number from 1");
  const std::string query =
      path + (path.find('?') == std::string::npos ? "?" : "&") + "page_size=" + std::to_string(*number);
  json::value first = api().get(query);
  if (!json() || given) return first;
  json::array all = results_of(first);
  const std::int64_t total = count_of(first);
  for (std::int64_t page = 2; static_cast<std::int64_t>(all.size()) < total; ++page) {
    const json::value next = api().get(query + "&page=" + std::to_string(page));
    if (results_of(next).empty()) break;
    for (const auto& item : results_of(next)) all.push_back(item);
  }
  return json::object{{"count", all.size()}, {"results", std::move(all)}};
}

std::ostream& Session::say() {
  return json() ? std::cerr : std::cout;
}

int Session::print_json(const json::value& value) {
  std::cout << pretty(value);
  return 0;
}

int Session::print_results(const json::value& page) {
  return print_json(results_of(page));
}

void Session::progress(const std::string& text, const std::function<void()>& work) {
  Progress progress(loop_, say(), text);
  work();
}

void Session::roll_out(const std::string& text, const std::function<void()>& work) {
  Progress progress(loop_, say(), text);
  if (!phases_wanted(has("verbose"))) return work();
  const PhaseLines lines(api(), app_path("events"), progress);
  work();
}

void Session::timed_roll_out(const std::string& text, const std::function<void()>& work) {
  const auto began = std::chrono::steady_clock::now();
  roll_out(text, work);
  const auto took =
      std::chrono::duration_cast<std::chrono::seconds>(std::chrono::steady_clock::now() - began);
  say() << "done in " << took.count() << "s\n";
}

}  // namespace deis::cli
