#include "core/component/volume.h"

#include "core/base/error.h"
#include "core/json/json.h"
#include "core/net/backoff.h"

#include <algorithm>

namespace deis::component {

BOOST_DESCRIBE_STRUCT(Volume, (), (driver, path))

Volume read_volume(const std::string& key, const std::string& value) {
  try {
    auto volume = json::from<Volume>(json::parse(value));
    if (volume.driver != "directory")
      throw Error(ErrorCode::invalid, "unknown driver '" + volume.driver + "'");
    if (!volume.path.starts_with('/')) throw Error(ErrorCode::invalid, "the path is not absolute");
    return volume;
  } catch (const Error& error) {
    throw Error(ErrorCode::invalid, key + " cannot be used: " + error.what());
  }
}

std::string volume_key(const std::string& component) {
  return "/deis/store/volumes/" + component;
}

std::string volume_value(const Volume& volume) {
  return json::to_string(volume);
}

constexpr auto kCallTime = std::chrono::seconds(5);

Task<Volume> wait_for_volume(Executor, etcd::Client& etcd, std::string component, Deadline deadline) {
  const std::string key = volume_key(component);
  net::Backoff backoff;
  std::string trouble;
  do {
    std::optional<etcd::KeyValue> found;
    try {
      found = co_await etcd.get(key, std::min(deadline, in(kCallTime)));
      trouble = "is not there";
    } catch (const Error& error) {
      if (error.code() == ErrorCode::canceled) throw;
      trouble = error.what();
    }
    if (found) co_return read_volume(key, found->value);
    const auto pause = backoff.next();
    co_await net::sleep_for(pause);
  } while (std::chrono::steady_clock::now() < deadline);
  throw Error(ErrorCode::unavailable, "the store has not published " + key + ": " + trouble);
}

}  // namespace deis::component
