#pragma once
// Settings of a component: the keys under /deis/<component>/, watched live. Absent keys have the documented
// default. A value that breaks its rule is ignored, logged, and the last good one stays.

#include "core/base/log.h"
#include "core/etcd/mirror.h"
#include "core/net/event.h"

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace deis::component {

class Settings {
 public:
  Settings(Executor executor, etcd::Client& etcd, std::string directory, Log log);  // "/deis/router/"

  // Waits for the first successful list (back-off while etcd is away).
  Task<> wait_synced();
  std::optional<std::string> find(const std::string& key) const;  // key relative to the directory
  std::string get(const std::string& key, const std::string& fallback) const;
  std::int64_t get_int(
      const std::string& key, std::int64_t fallback, std::int64_t low, std::int64_t high) const;
  bool get_bool(const std::string& key, bool fallback) const;
  // One of these words.
  std::string get_word(
      const std::string& key, const std::string& fallback, const std::vector<std::string>& words) const;
  // `rule` says what is_good() demands: "an https:// URL".
  std::string get_checked(
      const std::string& key,
      const std::string& fallback,
      const std::function<bool(const std::string&)>& is_good,
      const std::string& rule) const;
  // Waits until some key changed after `revision`, a value of revision(). It counts the changes seen here:
  // etcd's own revision starts again from nothing when etcd does.
  Task<> changed_since(std::int64_t revision);
  std::int64_t revision() const { return revision_; }

  Task<> run();  // add it to the Runtime

 private:
  struct Verdict {
    std::string last_good, reported;  // reported: the last bad value that was logged
  };
  // The value as text when `is_good`, else the last good one or nullopt.
  std::optional<std::string> checked(
      const std::string& key,
      const std::function<bool(const std::string&)>& is_good,
      const std::string& rule) const;

  std::string directory_;
  etcd::Mirror mirror_;
  Log log_;
  net::Event event_;
  std::int64_t revision_ = 0;
  mutable std::map<std::string, Verdict> verdicts_;
};

}  // namespace deis::component
