#include "controller/domain/certificate_fixture.h"

#include "controller/domain/certificate_parser.h"
#include "core/base/error.h"

#include <openssl/pem.h>
#include <openssl/x509v3.h>

namespace deis::controller::test {
namespace {

using BioPointer = std::unique_ptr<BIO, decltype(&BIO_free_all)>;

void must(bool worked, const char* what) {
  if (!worked) throw Error(ErrorCode::internal, what);
}

void add_extension(X509* certificate, X509* issuer, int kind, const std::string& value) {
  X509V3_CTX context;
  X509V3_set_ctx_nodb(&context);
  X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
  X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, &context, kind, value.c_str());
  must(extension && X509_add_ext(certificate, extension, -1) == 1, "cannot add an extension");
  X509_EXTENSION_free(extension);
}

std::string list_of(const std::vector<std::string>& names) {
  std::string list;
  for (const auto& name : names) list += (list.empty() ? "DNS:" : ",DNS:") + name;
  return list;
}

}  // namespace

struct MadeCertificate::Parts {
  X509Pointer certificate{X509_new(), X509_free};
  KeyPointer key{EVP_EC_gen("P-256"), EVP_PKEY_free};
};

MadeCertificate::MadeCertificate(const CertificateSpec& spec, const MadeCertificate* issuer)
    : parts_(std::make_unique<Parts>()) {
  static long serial = 0;
  X509* made = parts_->certificate.get();
  const Parts& signer = issuer ? *issuer->parts_ : *parts_;
  X509_set_version(made, 2);
  ASN1_INTEGER_set(X509_get_serialNumber(made), ++serial);
  ASN1_TIME_set_string(X509_getm_notBefore(made), "20000101000000Z");
  must(ASN1_TIME_set_string(X509_getm_notAfter(made), spec.expires.c_str()) == 1, "bad time");
  X509_set_pubkey(made, parts_->key.get());
  X509_NAME* subject = X509_get_subject_name(made);
  if (!spec.common_name.empty()) {
    const auto* text = reinterpret_cast<const unsigned char*>(spec.common_name.c_str());
    X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_UTF8, text, -1, -1, 0);
  }
  X509_set_issuer_name(made, X509_get_subject_name(signer.certificate.get()));
  if (!spec.names.empty())
    add_extension(made, signer.certificate.get(), NID_subject_alt_name, list_of(spec.names));
  if (spec.is_issuer)
    add_extension(made, signer.certificate.get(), NID_basic_constraints, "critical,CA:TRUE");
  must(X509_sign(made, signer.key.get(), EVP_sha256()) > 0, "cannot sign");
}

MadeCertificate::~MadeCertificate() = default;

std::string MadeCertificate::certificate() const {
  std::vector<X509Pointer> one;
  X509_up_ref(parts_->certificate.get());
  one.emplace_back(parts_->certificate.get(), X509_free);
  return chain_pem(one);
}

std::string MadeCertificate::key() const {
  return key_pem(parts_->key);
}

std::string MadeCertificate::encrypted_key() const {
  const BioPointer bio(BIO_new(BIO_s_mem()), BIO_free_all);
  char passphrase[] = "secret";
  must(
      PEM_write_bio_PKCS8PrivateKey(
          bio.get(), parts_->key.get(), EVP_aes_256_cbc(), passphrase, 6, nullptr, nullptr) == 1,
      "cannot encrypt");
  char* data = nullptr;
  const long size = BIO_get_mem_data(bio.get(), &data);
  return {data, static_cast<std::size_t>(size)};
}

}  // namespace deis::controller::test
