#include "controller/acme/requests.h"

#include "controller/domain/certificate_parser.h"
#include "core/base/error.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509v3.h>

namespace deis::controller::acme {
namespace {

using RequestPointer = std::unique_ptr<X509_REQ, decltype(&X509_REQ_free)>;
using BioPointer = std::unique_ptr<BIO, decltype(&BIO_free_all)>;

constexpr std::size_t kAccountBits = 3072;

void must(bool worked, const char* what) {
  if (worked) return;
  ERR_clear_error();
  throw Error(ErrorCode::internal, std::string("OpenSSL cannot ") + what);
}

void add_name(X509_REQ* request, const std::string& domain) {
  STACK_OF(X509_EXTENSION)* extensions = sk_X509_EXTENSION_new_null();
  const std::string name = "DNS:" + domain;
  X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, nullptr, NID_subject_alt_name, name.c_str());
  const bool worked = extension && sk_X509_EXTENSION_push(extensions, extension) > 0 &&
                      X509_REQ_add_extensions(request, extensions) == 1;
  sk_X509_EXTENSION_pop_free(extensions, X509_EXTENSION_free);
  must(worked, "name the domain in a signing request");
}

}  // namespace

std::string make_account_key() {
  const KeyPointer key(EVP_RSA_gen(kAccountBits), EVP_PKEY_free);
  must(key != nullptr, "make an account key");
  return key_pem(key);
}

SigningRequest make_signing_request(const std::string& domain) {
  const KeyPointer key(EVP_EC_gen("P-256"), EVP_PKEY_free);
  const RequestPointer request(X509_REQ_new(), X509_REQ_free);
  must(key && request && X509_REQ_set_pubkey(request.get(), key.get()) == 1, "make a key");
  add_name(request.get(), domain);
  must(X509_REQ_sign(request.get(), key.get(), EVP_sha256()) > 0, "sign a request");
  const BioPointer bio(BIO_new(BIO_s_mem()), BIO_free_all);
  must(PEM_write_bio_X509_REQ(bio.get(), request.get()) == 1, "write a signing request");
  char* data = nullptr;
  const long size = BIO_get_mem_data(bio.get(), &data);
  return {.key = key_pem(key), .request = std::string(data, static_cast<std::size_t>(size))};
}

}  // namespace deis::controller::acme
