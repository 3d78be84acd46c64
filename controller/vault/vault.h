#pragma once
// Seals the secrets that the database keeps (config values, session tokens, private keys of certificates), so
// that who reads the database or a copy of it learns nothing. XChaCha20-Poly1305; each secret is bound to its
// place, so that nobody who may write to the database can move it elsewhere. The keys come from the key ring
// (key_ring.h); the newest seals, all open. Loop thread only.

#include "controller/vault/key_ring.h"

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace deis::controller {

struct Sealed {
  std::string key;   // id of the key
  std::string text;  // base64 of nonce and cipher text
  bool operator==(const Sealed&) const = default;
};

class Vault {
 public:
  Vault();  // closed: everything is Error{unavailable} until it has keys
  ~Vault();
  Vault(const Vault&) = delete;
  Vault& operator=(const Vault&) = delete;

  void use(const KeyRing& ring);
  const std::string& newest() const;     // id
  std::vector<std::string> ids() const;  // oldest first

  // `place` names the row and column; opening needs the same.
  Sealed seal(std::string_view place, std::string_view secret) const;
  // Error{internal} that names place and key when the key is not there, or when this was not sealed for the
  // place.
  std::string open(std::string_view place, const Sealed& sealed) const;

  // By which a secret with enough randomness is found again without being kept: a keyed hash, 64 hex digits.
  // With each key another one; the first is the newest key's, the one to store.
  std::vector<std::string> fingerprints(std::string_view secret) const;

 private:
  struct Keys;
  const Keys& newest_keys() const;

  std::vector<std::unique_ptr<Keys>> keys_;
};

}  // namespace deis::controller
