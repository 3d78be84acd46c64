#pragma once
// Password hashes: Argon2id in libsodium's text form. Hashing is slow and takes memory on purpose, so at most
// two run at a time, off the loop thread.

#include "core/net/offload.h"

#include <string>

namespace deis::controller {

class Passwords {
 public:
  Passwords();

  Task<std::string> hash(std::string password);
  Task<bool> matches(std::string hash, std::string password);
  // Takes as long as matches(): an unknown user must not be told from a wrong password by the time it takes.
  Task<> waste_time(std::string password);

 private:
  net::WorkerPool pool_;
};

}  // namespace deis::controller
