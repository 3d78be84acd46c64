#pragma once
// What a Session wants etcd to hold, what it knows to be there, and so what has to be written next: pure.
// What is taken back is erased first, in transactions of its own, and only then anything is put: a reader
// never sees it beside what takes its place, such as an address that another endpoint has now.

#include "core/etcd/client.h"

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace deis::etcd {

class WantedKeys {
 public:
  // Whether that is news.
  bool set(std::string key, std::string value);
  bool unset(const std::string& key);
  // Somebody before us may have written it: unset() erases it even when we never wrote it.
  void may_exist(const std::string& key);
  const std::map<std::string, std::string>& wanted() const { return wanted_; }

  // The next transaction; empty when etcd has everything as it is wanted.
  std::vector<Operation> missing(LeaseId lease) const;
  bool is_there(const std::string& key) const;  // with the value that is wanted, as far as is known
  // `operations` went out: until done() nobody knows whether they arrived.
  void sent(const std::vector<Operation>& operations);
  void done(const std::vector<Operation>& operations);
  // `keys`, sorted, are all that is under our lease.
  void lease_holds(const std::vector<std::string>& keys);
  void lease_lost();  // and with it what we wrote

 private:
  std::map<std::string, std::string> wanted_;
  std::map<std::string, std::optional<std::string>> written_;  // nullopt: may be there, with any value
  std::set<std::string> retracted_;                            // to be erased before anything is put
};

}  // namespace deis::etcd
