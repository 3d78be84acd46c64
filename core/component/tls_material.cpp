#include "core/component/tls_material.h"

#include "core/base/error.h"
#include "core/base/text.h"

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <memory>

namespace deis::component {
namespace {

constexpr int kDhBits = 2048;
constexpr long kTenYears = 3650L * 24 * 3600;  // it is made anew with the container

template <auto kFree>
struct Free {
  template <typename T>
  void operator()(T* object) const {
    kFree(object);
  }
};
using Bio = std::unique_ptr<BIO, Free<BIO_free_all>>;
using Certificate = std::unique_ptr<X509, Free<X509_free>>;
using Key = std::unique_ptr<EVP_PKEY, Free<EVP_PKEY_free>>;
using Context = std::unique_ptr<SSL_CTX, Free<SSL_CTX_free>>;
using Names = std::unique_ptr<GENERAL_NAMES, Free<GENERAL_NAMES_free>>;

// Whatever failed is told by the return value; the next user of the queue must not find it.
struct QuietErrors {
  QuietErrors() = default;
  QuietErrors(const QuietErrors&) = delete;
  QuietErrors& operator=(const QuietErrors&) = delete;
  ~QuietErrors() { ERR_clear_error(); }
};

Bio reader(const std::string& text) {
  return Bio(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
}

// OpenSSL would ask on the terminal.
int no_pass_phrase(char*, int, int, void*) {
  return -1;
}

Certificate first_certificate(const std::string& pem) {
  return Certificate(PEM_read_bio_X509(reader(pem).get(), nullptr, no_pass_phrase, nullptr));
}

Key private_key(const std::string& pem) {
  return Key(PEM_read_bio_PrivateKey(reader(pem).get(), nullptr, no_pass_phrase, nullptr));
}

bool is_plain_name(const std::string& name) {
  const auto labels = std::string_view(name).substr(name.starts_with("*.") ? 2 : 0);
  return !labels.empty() && std::ranges::all_of(labels, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.';
  });
}

std::string text_of(const ASN1_STRING* string) {
  const auto* data = reinterpret_cast<const char*>(ASN1_STRING_get0_data(string));
  return to_lower(std::string(data, static_cast<std::size_t>(ASN1_STRING_length(string))));
}

std::vector<std::string> alternative_names(const X509* certificate) {
  std::vector<std::string> found;
  const Names names(
      static_cast<GENERAL_NAMES*>(X509_get_ext_d2i(certificate, NID_subject_alt_name, nullptr, nullptr)));
  for (int i = 0; names && i < sk_GENERAL_NAME_num(names.get()); ++i) {
    const GENERAL_NAME* name = sk_GENERAL_NAME_value(names.get(), i);
    if (name->type == GEN_DNS) found.push_back(text_of(name->d.dNSName));
  }
  return found;
}

std::vector<std::string> common_names(const X509* certificate) {
  const X509_NAME* subject = X509_get_subject_name(certificate);
  const int at = X509_NAME_get_index_by_NID(subject, NID_commonName, -1);
  if (at < 0) return {};
  return {text_of(X509_NAME_ENTRY_get_data(X509_NAME_get_entry(subject, at)))};
}

std::string content_of(BIO* bio) {
  char* data = nullptr;
  const long size = BIO_get_mem_data(bio, &data);
  return {data, static_cast<std::size_t>(size)};
}

Certificate self_signed(EVP_PKEY* key, const char* name) {
  Certificate certificate(X509_new());
  X509* made = certificate.get();
  X509_set_version(made, X509_VERSION_3);
  ASN1_INTEGER_set(X509_get_serialNumber(made), 1);
  X509_gmtime_adj(X509_getm_notBefore(made), -3600);
  X509_gmtime_adj(X509_getm_notAfter(made), kTenYears);
  X509_set_pubkey(made, key);
  X509_NAME* subject = X509_get_subject_name(made);
  X509_NAME_add_entry_by_txt(
      subject, "CN", MBSTRING_UTF8, reinterpret_cast<const unsigned char*>(name), -1, -1, 0);
  X509_set_issuer_name(made, subject);
  if (X509_sign(made, key, EVP_sha256()) == 0)
    throw Error(ErrorCode::internal, "OpenSSL does not sign the certificate of the default host");
  return certificate;
}

}  // namespace

bool is_certificate_chain(const std::string& pem) {
  const QuietErrors quiet;
  const Bio bio = reader(pem);
  int count = 0;
  while (Certificate(PEM_read_bio_X509(bio.get(), nullptr, no_pass_phrase, nullptr))) ++count;
  const bool at_end = ERR_GET_REASON(ERR_peek_last_error()) == PEM_R_NO_START_LINE;
  return count > 0 && at_end;
}

bool is_private_key(const std::string& pem) {
  const QuietErrors quiet;
  return private_key(pem) != nullptr;
}

bool key_fits(const std::string& certificate_pem, const std::string& key_pem) {
  const QuietErrors quiet;
  const Certificate certificate = first_certificate(certificate_pem);
  const Key key = private_key(key_pem);
  return certificate && key && X509_check_private_key(certificate.get(), key.get()) == 1;
}

bool is_dh_parameters(const std::string& pem) {
  const QuietErrors quiet;
  const Key parameters(PEM_read_bio_Parameters(reader(pem).get(), nullptr));
  if (!parameters) return false;
  return EVP_PKEY_is_a(parameters.get(), "DH") == 1 && EVP_PKEY_get_bits(parameters.get()) >= kDhBits;
}

bool is_cipher_list(const std::string& text) {
  const QuietErrors quiet;
  const Context context(SSL_CTX_new(TLS_server_method()));
  return context && !text.empty() && SSL_CTX_set_cipher_list(context.get(), text.c_str()) == 1;
}

std::vector<std::string> certificate_names(const std::string& pem) {
  const QuietErrors quiet;
  const Certificate certificate = first_certificate(pem);
  if (!certificate) return {};
  auto names = alternative_names(certificate.get());
  if (names.empty()) names = common_names(certificate.get());
  std::erase_if(names, [](const std::string& name) { return !is_plain_name(name); });
  return names;
}

std::string make_nameless_pem() {
  const QuietErrors quiet;
  const Key key(EVP_EC_gen("P-256"));
  if (!key) throw Error(ErrorCode::internal, "OpenSSL does not make a key for the default host");
  const Certificate certificate = self_signed(key.get(), "no certificate is installed for this name");
  const Bio pem(BIO_new(BIO_s_mem()));
  const bool written =
      PEM_write_bio_PrivateKey(pem.get(), key.get(), nullptr, nullptr, 0, nullptr, nullptr) == 1 &&
      PEM_write_bio_X509(pem.get(), certificate.get()) == 1;
  if (!written)
    throw Error(ErrorCode::internal, "OpenSSL does not write the certificate of the default host");
  return content_of(pem.get());
}

}  // namespace deis::component
