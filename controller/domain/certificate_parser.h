#pragma once
// Certificates and private keys out of PEM text, with OpenSSL. Pure. certificate_rules.cpp says what is
// allowed.

#include "core/base/time.h"

#include <openssl/evp.h>
#include <openssl/x509.h>

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace deis::controller {

using X509Pointer = std::unique_ptr<X509, decltype(&X509_free)>;
using KeyPointer = std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)>;

// Certificates in the order of the text. Throws Error{invalid, "certificate"} when there is none, one is
// broken, or one was not issued by the next.
std::vector<X509Pointer> parse_chain(const std::string& pem);
// Throws Error{invalid, "key"} when there is none, it is broken, encrypted, or of a kind TLS servers do not
// take.
KeyPointer parse_private_key(const std::string& pem);

std::string chain_pem(const std::vector<X509Pointer>& chain);
std::string key_pem(const KeyPointer& key);

bool belong_together(const X509Pointer& certificate, const KeyPointer& key);
SystemTime start_of(const X509Pointer& certificate);
SystemTime expiry_of(const X509Pointer& certificate);
std::string common_name_of(const X509Pointer& certificate);  // "" when it has none
// The names it is good for, in lower case: its alternative names, or without any its common name.
std::vector<std::string> names_of(const X509Pointer& certificate);

}  // namespace deis::controller
