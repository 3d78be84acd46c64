#pragma once
// Certificates of users (contract api.md §3.19, §4.8). Routers find them in etcd, one key for each name:
// /deis/certs/<name in lower case>.

#include "controller/domain/certificate_rules.h"
#include "controller/domain/context.h"
#include "controller/domain/model.h"
#include "controller/domain/page.h"

namespace deis::controller {

class Certs {
 public:
  explicit Certs(Context& context) : context_(context) {}

  Task<Page<Cert>> list(UserName owner, PageRequest page);
  Task<Cert> get(UserName owner, std::string common_name);  // Error{not_found}
  // ValidationError, Error{conflict, "common_name" or "names"}. Error{forbidden} for names of the platform
  // (superusers may) and of domains of apps that the user cannot use: routers present it to their visitors.
  Task<Cert> add(User by, CertificateRequest request);
  // The platform renews it no longer, either. Error{not_found}
  Task<> remove(UserName owner, std::string common_name);
  // One that the platform got by itself: in the place of the domain's last one, in the same moment.
  // Error{invalid} when the certificate is not good for the domain, Error{conflict} as check_replaceable().
  // False when nobody wants it any more: then nothing is changed.
  Task<bool> install(std::string owner, std::string domain, std::string certificate, std::string key);

  // Makes the keys in etcd equal to the rows. Never touches anything when the rows cannot be read.
  Task<> publish();
  // A part of the daemon: publishes at start and now and then. Only failures of etcd and database are borne.
  Task<> keep_published();

 private:
  Context& context_;
};

// Whether the platform may put its own certificate in the place of this one. Error{conflict}.
void check_replaceable(const Cert& cert, const std::string& owner, const std::string& domain);

// Takes certificates of these names away from the routers.
Task<> unpublish_certificates(etcd::Client& etcd, std::vector<std::string> names);

}  // namespace deis::controller
