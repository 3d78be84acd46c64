#pragma once
// Certificates of the routing table, parsed: each worker keeps those that it uses.

#include "router/table/reader.h"

#include <openssl/ssl.h>

#include <list>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>

namespace deis::router {

class CertificateCache {
 public:
  // Gives `connection` the certificate for `host` (lower case): of that name, else of the wildcard above it.
  // False when there is none that can be used; `problem` then says why, or is "".
  bool use(SSL* connection, table::TableReader& reader, const std::string& host, std::string& problem);

 private:
  struct Entry;
  std::shared_ptr<const Entry> find(table::TableReader& reader, const std::string& name);

  static constexpr std::size_t kMost = 1000;         // certificates; the one used longest ago goes
  std::list<std::shared_ptr<const Entry>> entries_;  // the one used last is the first
  std::unordered_map<std::string, std::list<std::shared_ptr<const Entry>>::iterator> by_name_;
};

}  // namespace deis::router
