#pragma once
// Password hashes: Argon2id in libsodium's text form. Hashing is slow and takes memory on purpose, so at most
// two run at a time, off the loop thread. Hashes of the original controller (Django's PBKDF2-SHA256) are
// checked too, so that its users can be taken over.

#include "core/net/offload.h"

#include <string>

namespace deis::controller {

class Passwords {
 public:
  Passwords();

  Task<std::string> hash(std::string password);
  // Whether the hash was made in another way, or with other costs, than hash() makes them now.
  static bool is_outdated(const std::string& hash);
  Task<bool> matches(std::string hash, std::string password);
  // Takes as long as matches(): an unknown user must not be told from a wrong password by the time it takes.
  Task<> waste_time(std::string password);

 private:
  net::WorkerPool pool_;
};

}  // namespace deis::controller
