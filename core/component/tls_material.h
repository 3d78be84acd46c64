#pragma once
// PEM texts that operators hand in - certificates, keys, DH parameters - and cipher lists: whether they can
// be used, and what a certificate says. Pure but for OpenSSL's error queue, which is left empty.

#include <string>
#include <vector>

namespace deis::component {

// At least one certificate, and nothing that claims to be one and is not.
bool is_certificate_chain(const std::string& pem);
// A private key that needs no pass phrase.
bool is_private_key(const std::string& pem);
// Whether the key is that of the first certificate. False too when one of them cannot be read.
bool key_fits(const std::string& certificate_pem, const std::string& key_pem);
// Of at least 2048 bits.
bool is_dh_parameters(const std::string& pem);
// In OpenSSL's notation, and at least one cipher is left.
bool is_cipher_list(const std::string& text);

// Host names of the first certificate, in lower case, wildcards as they are; without subject alternative
// names its common name. Names that hold anything but letters, digits, '-' and '.' are left out.
std::vector<std::string> certificate_names(const std::string& pem);

// A new key and a certificate that vouches for nobody, both in one PEM text: what a TLS host shows to whom it
// has no certificate for. Throws Error{internal}.
std::string make_nameless_pem();

}  // namespace deis::component
