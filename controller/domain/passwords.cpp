#include "controller/domain/passwords.h"

#include "core/base/error.h"

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

Task<bool> Passwords::matches(std::string hash, std::string password) {
  bool same = false;
  std::function<void()> work = [&] {
    same = crypto_pwhash_str_verify(hash.c_str(), password.data(), password.size()) == 0;
  };
  co_await pool_.run(std::move(work));
  co_return same;
}

Task<> Passwords::waste_time(std::string password) {
  co_await hash(std::move(password));
}

}  // namespace deis::controller
