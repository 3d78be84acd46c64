#include "database/data_volume.h"

#include "core/base/error.h"
#include "core/base/random.h"
#include "core/component/durable_file.h"
#include "core/json/json.h"

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

namespace deis::database {

BOOST_DESCRIBE_STRUCT(Secrets, (), (password))

namespace {

struct MarkerFile {
  std::string state;  // "initialising" or "complete"
  std::string token;
};
BOOST_DESCRIBE_STRUCT(MarkerFile, (), (state, token))

template <typename T>
std::optional<T> read_json(const std::filesystem::path& path) {
  const auto text = component::read_file(path);
  if (!text) return std::nullopt;
  try {
    return json::from<T>(json::parse(*text));
  } catch (const Error& error) {
    throw Error(ErrorCode::invalid, path.string() + " cannot be understood: " + error.what());
  }
}

Evidence::Files files_in(const std::filesystem::path& data) {
  namespace fs = std::filesystem;
  if (!fs::exists(data) || fs::is_empty(data)) return Evidence::Files::none;
  return fs::exists(data / "PG_VERSION") ? Evidence::Files::cluster : Evidence::Files::other;
}

Evidence::Marker state_of(const std::filesystem::path& path, const MarkerFile& marker) {
  if (marker.state == "complete") return Evidence::Marker::complete;
  if (marker.state == "initialising") return Evidence::Marker::initialising;
  throw Error(
      ErrorCode::invalid, path.string() + " cannot be understood: unknown state '" + marker.state + "'");
}

}  // namespace

DataVolume::DataVolume(std::filesystem::path path) : path_(std::move(path)) {
  std::filesystem::create_directories(config());
}

DataVolume::~DataVolume() {
  if (lock_ >= 0) ::close(lock_);
}

bool DataVolume::try_lock() {
  const auto file = path_ / "lock";
  if (lock_ < 0) lock_ = ::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (lock_ >= 0 && ::flock(lock_, LOCK_EX | LOCK_NB) == 0) return true;
  if (lock_ >= 0 && errno == EWOULDBLOCK) return false;
  throw Error(ErrorCode::unavailable, "cannot lock " + file.string() + ": " + std::strerror(errno));
}

Evidence DataVolume::look(std::optional<std::string> offered_token) const {
  Evidence evidence;
  evidence.files = files_in(data());
  evidence.offered_token = std::move(offered_token);
  const auto path = path_ / "marker.json";
  if (const auto marker = read_json<MarkerFile>(path)) {
    evidence.marker = state_of(path, *marker);
    evidence.marker_token = marker->token;
  }
  return evidence;
}

void DataVolume::mark_initialising(const std::string& token) const {
  const MarkerFile marker{.state = "initialising", .token = token};
  component::write_durably(path_ / "marker.json", json::to_string(marker));
}

void DataVolume::mark_complete() const {
  const auto path = path_ / "marker.json";
  auto marker = read_json<MarkerFile>(path).value_or(MarkerFile());
  if (marker.state == "complete") return;
  marker.state = "complete";
  component::write_durably(path, json::to_string(marker));
}

void DataVolume::make_empty_data(unsigned uid, unsigned gid) const {
  namespace fs = std::filesystem;
  fs::remove_all(data());
  fs::create_directory(data());
  fs::permissions(data(), fs::perms::owner_all);
  if (::chown(data().c_str(), uid, gid) != 0) {
    throw Error(
        ErrorCode::unavailable, "cannot give " + data().string() + " to postgres: " + std::strerror(errno));
  }
}

Secrets DataVolume::secrets() const {
  const auto path = path_ / "secrets.json";
  if (auto known = read_json<Secrets>(path)) {
    if (known->password.empty()) throw Error(ErrorCode::invalid, path.string() + " has no password");
    return *std::move(known);
  }
  const Secrets fresh{.password = random_hex(24)};
  component::write_durably(path, json::to_string(fresh), 0600);
  return fresh;
}

}  // namespace deis::database
