#include "cli/profile.h"

#include "core/base/error.h"
#include "core/json/json.h"

#include <cstdlib>
#include <fcntl.h>
#include <fstream>
#include <sstream>
#include <sys/stat.h>
#include <unistd.h>

namespace deis::cli {

BOOST_DESCRIBE_STRUCT(Profile, (), (username, ssl_verify, controller, token, response_limit))

namespace {

std::string variable(const char* name, const char* fallback) {
  const char* value = std::getenv(name);
  return value && *value ? value : fallback;
}

}  // namespace

std::filesystem::path profile_path() {
  const std::string name = variable("DEIS_PROFILE", "client");
  if (name.find('/') != std::string::npos)
    throw Error(ErrorCode::invalid, "DEIS_PROFILE must be a name without slashes");
  return std::filesystem::path(variable("HOME", "/")) / ".deis" / (name + ".json");
}

bool profile_exists() {
  std::error_code unknown;
  return std::filesystem::exists(profile_path(), unknown);
}

Profile load_profile() {
  std::ifstream file(profile_path());
  if (!file)
    throw Error(
        ErrorCode::unauthenticated, "Not logged in. Use 'deis login' or 'deis register' to get started.");
  std::ostringstream text;
  text << file.rdbuf();
  try {
    auto profile = json::from<Profile>(json::parse(text.str()));
    if (profile.response_limit <= 0) profile.response_limit = 100;
    return profile;
  } catch (const Error& error) {
    throw with_context(profile_path().string() + " cannot be read, log in again", error);
  }
}

// Written beside and renamed, so that an interrupted write loses nobody's login.
void save_profile(const Profile& profile) {
  const auto path = profile_path();
  std::error_code refused;
  std::filesystem::create_directories(path.parent_path(), refused);
  ::chmod(path.parent_path().c_str(), 0700);
  const std::string beside = path.string() + ".new", text = json::to_string(profile) + "\n";
  ::unlink(beside.c_str());  // its mode may be another
  const int file = ::open(beside.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  const bool written =
      file >= 0 && ::write(file, text.data(), text.size()) == static_cast<ssize_t>(text.size());
  if (file >= 0) ::close(file);
  if (!written || ::rename(beside.c_str(), path.c_str()) != 0)
    throw Error(ErrorCode::internal, "cannot write " + path.string());
}

void delete_profile() {
  std::error_code refused;
  std::filesystem::remove(profile_path(), refused);
  if (refused)
    throw Error(ErrorCode::internal, "cannot remove " + profile_path().string() + ": " + refused.message());
}

}  // namespace deis::cli
