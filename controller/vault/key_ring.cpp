#include "controller/vault/key_ring.h"

#include "core/base/error.h"
#include "core/base/text.h"
#include "core/component/durable_file.h"
#include "core/json/json.h"

#include <fmt/format.h>
#include <sodium.h>

#include <algorithm>

namespace deis::controller {
namespace {

constexpr std::size_t kSecret = crypto_kdf_KEYBYTES;
constexpr std::size_t kId = 4;
constexpr std::size_t kMaximumKeys = 64;
constexpr auto kFileName = "keyring.json";
constexpr char kNaming[] = "deis master key id";

// The file's form: the secret as base64.
struct KeyEntry {
  std::string id, created, secret;
};
BOOST_DESCRIBE_STRUCT(KeyEntry, (), (id, created, secret))
struct RingDocument {
  std::vector<KeyEntry> keys;
};
BOOST_DESCRIBE_STRUCT(RingDocument, (), (keys))

std::string id_of(const std::string& secret) {
  std::string hash(crypto_generichash_BYTES, '\0');
  crypto_generichash(
      reinterpret_cast<unsigned char*>(hash.data()),
      hash.size(),
      reinterpret_cast<const unsigned char*>(kNaming),
      sizeof(kNaming) - 1,
      reinterpret_cast<const unsigned char*>(secret.data()),
      secret.size());
  return hex_encode(hash.substr(0, kId));
}

MasterKey read_entry(const KeyEntry& entry) {
  auto secret = base64_decode(entry.secret);
  if (!secret || secret->size() != kSecret || id_of(*secret) != entry.id) {
    throw Error(ErrorCode::invalid, fmt::format("the key '{}' is damaged", to_valid_utf8(entry.id)));
  }
  return MasterKey{.id = entry.id, .created = entry.created, .secret = std::move(*secret)};
}

}  // namespace

MasterKey make_master_key() {
  if (sodium_init() < 0) throw Error(ErrorCode::internal, "libsodium cannot be initialised");
  MasterKey key{
      .created = format_utc(std::chrono::system_clock::now()), .secret = std::string(kSecret, '\0')};
  crypto_kdf_keygen(reinterpret_cast<unsigned char*>(key.secret.data()));
  key.id = id_of(key.secret);
  return key;
}

bool KeyRing::has(std::string_view id) const {
  return std::ranges::find(keys, id, &MasterKey::id) != keys.end();
}

KeyRing KeyRing::with(MasterKey key) const {
  if (keys.size() >= kMaximumKeys) throw Error(ErrorCode::conflict, "the key ring is full");
  KeyRing ring = *this;
  ring.keys.push_back(std::move(key));
  return ring;
}

KeyRing KeyRing::without(std::string_view id) const {
  KeyRing ring = *this;
  std::erase_if(ring.keys, [&](const MasterKey& key) { return key.id == id; });
  return ring;
}

std::string ring_text(const KeyRing& ring) {
  RingDocument document;
  for (const MasterKey& key : ring.keys) {
    document.keys.push_back({.id = key.id, .created = key.created, .secret = base64_encode(key.secret)});
  }
  return json::to_string(document) + "\n";
}

KeyRing parse_ring(std::string_view text) {
  const auto document = json::from<RingDocument>(json::parse(text));
  KeyRing ring;
  for (const KeyEntry& entry : document.keys) ring.keys.push_back(read_entry(entry));
  if (ring.keys.empty()) throw Error(ErrorCode::invalid, "there is no key in it");
  return ring;
}

KeyFile::KeyFile(std::filesystem::path directory) : path_(std::move(directory) / kFileName) {}

void KeyFile::require_directory() const {
  if (std::filesystem::is_directory(path_.parent_path())) return;
  throw Error(
      ErrorCode::unavailable,
      fmt::format(
          "there is no directory {} for the key ring: is the volume mounted?", path_.parent_path().string()));
}

std::optional<KeyRing> KeyFile::read() const {
  require_directory();
  const auto text = component::read_file(path_);
  if (!text) return std::nullopt;
  try {
    return parse_ring(*text);
  } catch (const Error& error) {
    throw Error(
        ErrorCode::unavailable,
        fmt::format(
            "the key ring {} cannot be used: {}. Bring it back from a backup.",
            path_.string(),
            error.what()));
  }
}

bool KeyFile::create(const KeyRing& ring) const {
  require_directory();
  return component::create_durably(path_, ring_text(ring));
}

void KeyFile::replace(const KeyRing& ring) const {
  require_directory();
  component::write_durably(path_, ring_text(ring));
}

}  // namespace deis::controller
