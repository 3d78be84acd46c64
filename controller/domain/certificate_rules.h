#pragma once
// What a certificate and its key must be (contract api.md §4.8), read with OpenSSL. Pure.

#include "core/base/time.h"

#include <optional>
#include <string>
#include <vector>

namespace deis::controller {

// As a user sends it.
struct CertificateRequest {
  std::string certificate;                 // PEM: the server's own first, then who issued it, and so on
  std::string key;                         // PEM, not encrypted
  std::optional<std::string> common_name;  // default: the certificate's own
  // Our extension: without it a wildcard is refused, as v1.7 clients expect.
  bool wildcard = false;
  std::vector<std::string> names;  // further names of the certificate that it shall be presented for
};

struct CheckedCertificate {
  std::string common_name;
  std::vector<std::string> names;  // all it is presented for, in lower case, sorted; the common name is one
  bool extended = false;           // the extension was used
  std::string certificate, key;    // PEM, nothing but the chain and the key
  SystemTime expires;
};

// Throws ValidationError naming all fields that are wrong.
CheckedCertificate check_certificate(const CertificateRequest& request);

}  // namespace deis::controller
