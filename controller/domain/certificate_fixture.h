#pragma once
// For tests: certificates and keys made on the spot.

#include <memory>
#include <string>
#include <vector>

namespace deis::controller::test {

// What a made certificate says.
struct CertificateSpec {
  std::string common_name;         // "": none
  std::vector<std::string> names;  // alternative names
  std::string expires = "20990101000000Z";
  bool is_issuer = false;
};

// A certificate with its key; can sign others.
class MadeCertificate {
 public:
  // Signed by `issuer`, or by itself.
  explicit MadeCertificate(const CertificateSpec& spec, const MadeCertificate* issuer = nullptr);
  ~MadeCertificate();

  std::string certificate() const;  // PEM
  std::string key() const;          // PEM
  std::string encrypted_key() const;

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

}  // namespace deis::controller::test
