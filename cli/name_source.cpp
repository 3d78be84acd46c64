#include "cli/name_source.h"

#include "cli/output.h"
#include "cli/session.h"
#include "core/base/text.h"
#include "core/json/json.h"

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>

namespace deis::cli {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;

constexpr auto kPatience = 700ms;  // a person waits for the tab key
constexpr auto kFresh = 30s;

fs::path cache_file() {
  const char* cache = std::getenv("XDG_CACHE_HOME");
  const char* home = std::getenv("HOME");
  const fs::path base = cache && *cache ? fs::path(cache) : fs::path(home ? home : "/") / ".cache";
  return base / "deis" / (profile_path().stem().string() + ".apps");
}

// Whose names they are is its first line.
std::string owner_line(const Profile& profile) {
  return profile.username + " " + profile.controller;
}

std::vector<std::string> read_cache(const Profile& profile, bool stale) {
  std::error_code none;
  const auto written = fs::last_write_time(cache_file(), none);
  if (none || (!stale && fs::file_time_type::clock::now() - written > kFresh)) return {};
  std::ifstream file(cache_file());
  std::string line;
  if (!std::getline(file, line) || line != owner_line(profile)) return {};
  std::vector<std::string> names;
  while (std::getline(file, line)) names.push_back(line);
  return names;
}

void write_cache(const Profile& profile, const std::vector<std::string>& names) {
  std::error_code none;
  fs::create_directories(cache_file().parent_path(), none);
  const fs::path beside = cache_file().string() + ".new";
  {
    std::ofstream file(beside);
    file << owner_line(profile) << "\n";
    for (const std::string& name : names) file << name << "\n";
    if (!file.flush()) return;
  }
  fs::rename(beside, cache_file(), none);
}

std::vector<std::string> apps(Session& session) {
  const Profile& profile = session.profile();
  if (auto names = read_cache(profile, false); !names.empty()) return names;
  try {
    auto names = column(session.api().get("/v1/apps/?page_size=1000"), "id");
    write_cache(profile, names);
    return names;
  } catch (const std::exception&) {
    return read_cache(profile, true);
  }
}

std::vector<std::string> types(Session& session) {
  std::set<std::string> names;
  for (std::string& type : column(session.api().get(session.app_path("containers/")), "type"))
    names.insert(std::move(type));
  return {names.begin(), names.end()};
}

std::vector<std::string> keys(Session& session) {
  std::vector<std::string> names;
  for (const auto& [key, value] : texts_in(session.api().get(session.app_path("config/")), "values"))
    names.push_back(key);
  return names;
}

std::vector<std::string> releases(Session& session) {
  std::vector<std::string> names;
  for (const std::string& version : column(session.api().get(session.app_path("releases/")), "version"))
    names.push_back("v" + version);
  return names;
}

std::vector<std::string> ask(Completes what, Session& session) {
  switch (what) {
    case Completes::app:
      return apps(session);
    case Completes::type:
      return types(session);
    case Completes::key:
      return keys(session);
    case Completes::release:
      return releases(session);
    case Completes::domain:
      return column(session.api().get(session.app_path("domains/")), "domain");
    case Completes::user:
      return column(session.api().get("/v1/users/?page_size=1000"), "username");
    default:
      return {};
  }
}

}  // namespace

std::vector<std::string> names_of_controller(Completes what, const std::string& app) {
  try {
    Loop loop;
    std::vector<std::string> words;
    if (!app.empty()) words.push_back("--app=" + app);
    Session session(loop, Arguments::parse(words, {kAppOption}));
    session.api().set_limit(kPatience);
    return ask(what, session);
  } catch (const std::exception&) {
    return {};
  }
}

}  // namespace deis::cli
