#pragma once
// What an authority is sent: keys and signing requests, made with OpenSSL in memory. Pure but for randomness.

#include <string>

namespace deis::controller::acme {

// RSA of 3072 bits, PEM: the one kind that the client program signs with. Takes a good part of a second, so
// not on the loop thread.
std::string make_account_key();

struct SigningRequest {
  std::string key;      // PEM, P-256
  std::string request;  // PEM, for the domain as the only alternative name
};
SigningRequest make_signing_request(const std::string& domain);

}  // namespace deis::controller::acme
