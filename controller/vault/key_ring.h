#pragma once
// The master keys of the vault, and the file they live in: outside of the database, in the controller's
// volume. Who loses it has lost every secret in the database, so nothing here ever replaces a ring that it
// could not read. Files are blocking: on the worker pool.

#include "core/base/time.h"

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace deis::controller {

struct MasterKey {
  std::string id;       // 8 hex digits, derived from the secret: a wrong key cannot pass for a right one
  std::string created;  // as people read it
  std::string secret;   // 32 bytes
};

MasterKey make_master_key();

struct KeyRing {
  std::vector<MasterKey> keys;  // oldest first; the newest seals

  bool has(std::string_view id) const;
  KeyRing with(MasterKey key) const;
  KeyRing without(std::string_view id) const;
};

// JSON: {"keys":[{"id":"1a2b3c4d","created":"2026-11-25T15:00:00UTC","secret":"<base64>"}]}
std::string ring_text(const KeyRing& ring);
// Throws Error{invalid} that says what is wrong, never with a secret in it.
KeyRing parse_ring(std::string_view text);

class KeyFile {
 public:
  explicit KeyFile(std::filesystem::path directory);

  const std::filesystem::path& path() const { return path_; }
  // nullopt when there is no file. Error{unavailable} when it cannot be read or understood, or when the
  // directory is missing: a volume that is not mounted must not be taken for a first start.
  std::optional<KeyRing> read() const;
  // False when there is a file already, which stays as it is.
  bool create(const KeyRing& ring) const;
  void replace(const KeyRing& ring) const;

 private:
  void require_directory() const;
  std::filesystem::path path_;
};

}  // namespace deis::controller
