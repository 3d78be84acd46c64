#include "controller/domain/certificate_parser.h"

#include "core/base/error.h"
#include "core/base/text.h"

#include <fmt/format.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <ctime>

namespace deis::controller {
namespace {

constexpr std::size_t kMaximumChain = 20;

using BioPointer = std::unique_ptr<BIO, decltype(&BIO_free_all)>;

Error invalid(const char* field, const std::string& message) {
  return Error(ErrorCode::invalid, field, message);
}

BioPointer reader_of(const std::string& text) {
  return {BIO_new_mem_buf(text.data(), static_cast<int>(text.size())), BIO_free_all};
}

BioPointer writer() {
  return {BIO_new(BIO_s_mem()), BIO_free_all};
}

std::string text_of(const BioPointer& bio) {
  char* data = nullptr;
  const long size = BIO_get_mem_data(bio.get(), &data);
  return {data, static_cast<std::size_t>(size)};
}

// The end of the text, as opposed to a certificate that cannot be read. Empties OpenSSL's list of errors.
bool was_at_end() {
  const auto error = ERR_peek_last_error();
  ERR_clear_error();
  return ERR_GET_LIB(error) == ERR_LIB_PEM && ERR_GET_REASON(error) == PEM_R_NO_START_LINE;
}

void check_order(const std::vector<X509Pointer>& chain) {
  for (std::size_t i = 0; i + 1 < chain.size(); ++i) {
    if (X509_check_issued(chain[i + 1].get(), chain[i].get()) == X509_V_OK) continue;
    throw invalid(
        "certificate",
        fmt::format(
            "The chain is not in order: certificate {} was not issued by certificate {}. The server's own "
            "comes "
            "first, then who issued it.",
            i + 1,
            i + 2));
  }
}

// Called for encrypted keys only: there is nobody to ask for the passphrase.
int note_encryption(char*, int, int, void* flag) {
  *static_cast<bool*>(flag) = true;
  return -1;
}

// "" for text that is none or holds a NUL: such a name would be cut off by somebody.
std::string utf8_of(const ASN1_STRING* text) {
  unsigned char* bytes = nullptr;
  const int size = ASN1_STRING_to_UTF8(&bytes, text);
  if (size < 0) {
    ERR_clear_error();
    return "";
  }
  const std::string result(reinterpret_cast<const char*>(bytes), static_cast<std::size_t>(size));
  OPENSSL_free(bytes);
  return result.find('\0') == std::string::npos ? result : "";
}

SystemTime time_of(const ASN1_TIME* found, const char* otherwise) {
  std::tm time{};
  if (ASN1_TIME_to_tm(found, &time) != 1) {
    ERR_clear_error();
    throw invalid("certificate", otherwise);
  }
  return std::chrono::system_clock::from_time_t(::timegm(&time));
}

}  // namespace

std::vector<X509Pointer> parse_chain(const std::string& pem) {
  ERR_clear_error();
  const BioPointer bio = reader_of(pem);
  std::vector<X509Pointer> chain;
  for (;;) {
    X509Pointer next(PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr), X509_free);
    if (!next) break;
    if (chain.size() == kMaximumChain)
      throw invalid("certificate", fmt::format("The chain is longer than {} certificates.", kMaximumChain));
    chain.push_back(std::move(next));
  }
  const bool complete = was_at_end();
  if (chain.empty())
    throw invalid("certificate", "Could not load certificate: it must be X.509 in PEM form.");
  if (!complete)
    throw invalid("certificate", fmt::format("Certificate {} cannot be read.", chain.size() + 1));
  check_order(chain);
  return chain;
}

KeyPointer parse_private_key(const std::string& pem) {
  ERR_clear_error();
  const BioPointer bio = reader_of(pem);
  bool encrypted = false;
  KeyPointer key(PEM_read_bio_PrivateKey(bio.get(), nullptr, note_encryption, &encrypted), EVP_PKEY_free);
  ERR_clear_error();
  if (encrypted) throw invalid("key", "The key is encrypted: remove its passphrase first.");
  if (!key) throw invalid("key", "Could not load the private key: it must be in PEM form.");
  const int type = EVP_PKEY_get_base_id(key.get());
  if (type != EVP_PKEY_RSA && type != EVP_PKEY_RSA_PSS && type != EVP_PKEY_EC && type != EVP_PKEY_ED25519)
    throw invalid("key", "Keys are RSA, ECDSA or Ed25519.");
  return key;
}

std::string chain_pem(const std::vector<X509Pointer>& chain) {
  const BioPointer bio = writer();
  for (const auto& certificate : chain) PEM_write_bio_X509(bio.get(), certificate.get());
  return text_of(bio);
}

std::string key_pem(const KeyPointer& key) {
  const BioPointer bio = writer();
  if (PEM_write_bio_PKCS8PrivateKey(bio.get(), key.get(), nullptr, nullptr, 0, nullptr, nullptr) != 1) {
    ERR_clear_error();
    throw invalid("key", "The private key cannot be used.");
  }
  return text_of(bio);
}

bool belong_together(const X509Pointer& certificate, const KeyPointer& key) {
  const bool same = X509_check_private_key(certificate.get(), key.get()) == 1;
  ERR_clear_error();
  return same;
}

SystemTime start_of(const X509Pointer& certificate) {
  return time_of(X509_get0_notBefore(certificate.get()), "The certificate does not say when it begins.");
}

SystemTime expiry_of(const X509Pointer& certificate) {
  return time_of(X509_get0_notAfter(certificate.get()), "The certificate does not say when it expires.");
}

std::string common_name_of(const X509Pointer& certificate) {
  X509_NAME* subject = X509_get_subject_name(certificate.get());
  int last = -1;  // of several the last one is the most specific
  for (int at = -1; (at = X509_NAME_get_index_by_NID(subject, NID_commonName, at)) >= 0;) last = at;
  if (last < 0) return "";
  return utf8_of(X509_NAME_ENTRY_get_data(X509_NAME_get_entry(subject, last)));
}

std::vector<std::string> names_of(const X509Pointer& certificate) {
  std::vector<std::string> names;
  const std::unique_ptr<GENERAL_NAMES, decltype(&GENERAL_NAMES_free)> all(
      static_cast<GENERAL_NAMES*>(
          X509_get_ext_d2i(certificate.get(), NID_subject_alt_name, nullptr, nullptr)),
      GENERAL_NAMES_free);
  ERR_clear_error();
  const int count = all ? sk_GENERAL_NAME_num(all.get()) : 0;
  for (int i = 0; i < count; ++i) {
    const GENERAL_NAME* name = sk_GENERAL_NAME_value(all.get(), i);
    if (name->type != GEN_DNS) continue;
    std::string text = to_lower(utf8_of(name->d.dNSName));
    if (!text.empty()) names.push_back(std::move(text));
  }
  std::string common_name = to_lower(common_name_of(certificate));
  if (names.empty() && !common_name.empty()) names.push_back(std::move(common_name));
  return names;
}

}  // namespace deis::controller
