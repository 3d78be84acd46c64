#include "controller/domain/passwords.h"

#include "core/base/error.h"
#include "core/base/text.h"

#include <openssl/evp.h>
#include <openssl/sha.h>
#include <sodium.h>

#include <array>

namespace deis::controller {
namespace {

constexpr unsigned kConcurrent = 2;
// OWASP's recommendation for Argon2id: 19 MiB and two passes; the platform has to fit on small machines.
constexpr std::size_t kMemory = 19ULL * 1024 * 1024;
constexpr unsigned long long kPasses = 2;

std::string hash_now(const std::string& password) {
  std::array<char, crypto_pwhash_STRBYTES> text{};
  const int failed = crypto_pwhash_str_alg(
      text.data(), password.data(), password.size(), kPasses, kMemory, crypto_pwhash_ALG_ARGON2ID13);
  if (failed) throw Error(ErrorCode::unavailable, "no memory to hash a password: try again later");
  return text.data();
}

constexpr std::string_view kDjango = "pbkdf2_sha256$";
constexpr std::int64_t kMaximumRounds = 10'000'000;

// "pbkdf2_sha256$<rounds>$<salt>$<base64>": the salt is used as it is written.
bool matches_django(std::string_view hash, const std::string& password) {
  const auto parts = split(hash, '$');
  if (parts.size() != 4) return false;
  const auto rounds = parse_int(parts[1]);
  const auto wanted = base64_decode(parts[3]);
  if (!rounds || *rounds < 1 || *rounds > kMaximumRounds || !wanted ||
      wanted->size() != SHA256_DIGEST_LENGTH) {
    return false;
  }
  std::array<unsigned char, SHA256_DIGEST_LENGTH> made{};
  const int good = PKCS5_PBKDF2_HMAC(
      password.data(),
      static_cast<int>(password.size()),
      reinterpret_cast<const unsigned char*>(parts[2].data()),
      static_cast<int>(parts[2].size()),
      static_cast<int>(*rounds),
      EVP_sha256(),
      static_cast<int>(made.size()),
      made.data());
  return good == 1 && sodium_memcmp(made.data(), wanted->data(), made.size()) == 0;
}

bool matches_now(const std::string& hash, const std::string& password) {
  if (hash.starts_with(kDjango)) return matches_django(hash, password);
  return crypto_pwhash_str_verify(hash.c_str(), password.data(), password.size()) == 0;
}

}  // namespace

Passwords::Passwords() : pool_(kConcurrent) {
  if (sodium_init() < 0) throw Error(ErrorCode::internal, "libsodium cannot be initialised");
}

Task<std::string> Passwords::hash(std::string password) {
  std::string text;
  std::function<void()> work = [&] { text = hash_now(password); };
  co_await pool_.run(std::move(work));
  co_return text;
}

bool Passwords::is_outdated(const std::string& hash) {
  return crypto_pwhash_str_needs_rehash(hash.c_str(), kPasses, kMemory) != 0;
}

Task<bool> Passwords::matches(std::string hash, std::string password) {
  bool same = false;
  std::function<void()> work = [&] { same = matches_now(hash, password); };
  co_await pool_.run(std::move(work));
  co_return same;
}

Task<> Passwords::waste_time(std::string password) {
  co_await hash(std::move(password));
}

}  // namespace deis::controller
