#include "controller/vault/vault.h"

#include "core/base/error.h"
#include "core/base/text.h"

#include <fmt/format.h>
#include <sodium.h>

#include <algorithm>
#include <array>
#include <ranges>

namespace deis::controller {
namespace {

constexpr std::size_t kNonce = crypto_aead_xchacha20poly1305_ietf_NPUBBYTES;
constexpr std::size_t kTag = crypto_aead_xchacha20poly1305_ietf_ABYTES;
constexpr std::size_t kFingerprint = 32;
// One use, one key: both are derived from a master key of the ring.
constexpr char kPurpose[crypto_kdf_CONTEXTBYTES + 1] = "deisvlt1";
constexpr std::uint64_t kForSealing = 1, kForFingerprints = 2;

const unsigned char* bytes(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}
unsigned char* bytes(std::string& text) {
  return reinterpret_cast<unsigned char*>(text.data());
}

Error not_openable(std::string_view place, std::string_view key, std::string_view why) {
  return Error(
      ErrorCode::internal,
      fmt::format("the secret at '{}' sealed with key {} cannot be opened: {}", place, key, why));
}

}  // namespace

struct Vault::Keys {
  explicit Keys(const MasterKey& master) : id(master.id) {
    derive(master, kForSealing, sealing);
    derive(master, kForFingerprints, fingerprinting);
  }
  Keys(const Keys&) = delete;
  Keys& operator=(const Keys&) = delete;
  ~Keys() {
    sodium_memzero(sealing.data(), sealing.size());
    sodium_memzero(fingerprinting.data(), fingerprinting.size());
  }

  template <std::size_t size>
  static void derive(const MasterKey& master, std::uint64_t use, std::array<unsigned char, size>& into) {
    crypto_kdf_derive_from_key(into.data(), into.size(), use, kPurpose, bytes(master.secret));
  }

  std::string fingerprint(std::string_view secret) const {
    std::string hash(kFingerprint, '\0');
    crypto_generichash(
        bytes(hash), hash.size(), bytes(secret), secret.size(), fingerprinting.data(), fingerprinting.size());
    return hex_encode(hash);
  }

  std::string id;
  std::array<unsigned char, crypto_aead_xchacha20poly1305_ietf_KEYBYTES> sealing{};
  std::array<unsigned char, crypto_generichash_KEYBYTES> fingerprinting{};
};

Vault::Vault() {
  if (sodium_init() < 0) throw Error(ErrorCode::internal, "libsodium cannot be initialised");
}
Vault::~Vault() = default;

void Vault::use(const KeyRing& ring) {
  keys_.clear();
  for (const MasterKey& master : ring.keys) keys_.push_back(std::make_unique<Keys>(master));
}

const Vault::Keys& Vault::newest_keys() const {
  if (keys_.empty()) throw Error(ErrorCode::unavailable, "the keys of the secrets were not read yet");
  return *keys_.back();
}

const std::string& Vault::newest() const {
  return newest_keys().id;
}

std::vector<std::string> Vault::ids() const {
  std::vector<std::string> ids;
  for (const auto& keys : keys_) ids.push_back(keys->id);
  return ids;
}

Sealed Vault::seal(std::string_view place, std::string_view secret) const {
  const Keys& keys = newest_keys();
  std::string message(kNonce + secret.size() + kTag, '\0');
  randombytes_buf(message.data(), kNonce);
  crypto_aead_xchacha20poly1305_ietf_encrypt(
      bytes(message) + kNonce,
      nullptr,
      bytes(secret),
      secret.size(),
      bytes(place),
      place.size(),
      nullptr,
      bytes(message),
      keys.sealing.data());
  return Sealed{.key = keys.id, .text = base64_encode(message)};
}

std::string Vault::open(std::string_view place, const Sealed& sealed) const {
  newest_keys();  // closed is another trouble than a key that is not there
  const auto keys = std::ranges::find(keys_, sealed.key, [](const auto& k) { return k->id; });
  if (keys == keys_.end()) throw not_openable(place, sealed.key, "the key ring does not have the key");
  const auto message = base64_decode(sealed.text);
  if (!message || message->size() < kNonce + kTag) throw not_openable(place, sealed.key, "it is too short");
  std::string secret(message->size() - kNonce - kTag, '\0');
  const int failed = crypto_aead_xchacha20poly1305_ietf_decrypt(
      bytes(secret),
      nullptr,
      nullptr,
      bytes(*message) + kNonce,
      message->size() - kNonce,
      bytes(place),
      place.size(),
      bytes(*message),
      (*keys)->sealing.data());
  if (failed) throw not_openable(place, sealed.key, "it was changed, or was sealed for another place");
  return secret;
}

std::vector<std::string> Vault::fingerprints(std::string_view secret) const {
  newest_keys();
  std::vector<std::string> all;
  for (const auto& keys : keys_ | std::views::reverse) all.push_back(keys->fingerprint(secret));
  return all;
}

}  // namespace deis::controller
