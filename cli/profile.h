#pragma once
// Who is logged in where: ~/.deis/<profile>.json, directory 0700, file 0600 (contract api.md §8.1).

#include <filesystem>
#include <string>

namespace deis::cli {

struct Profile {
  std::string username;
  bool ssl_verify = false;
  std::string controller;  // as typed, with a scheme
  std::string token;
  std::int64_t response_limit = 100;
};

std::filesystem::path profile_path();  // $HOME/.deis/$DEIS_PROFILE.json, profile "client"
// Throws Error{unauthenticated} "Not logged in. ..." when there is none.
Profile load_profile();
bool profile_exists();
void save_profile(const Profile& profile);
void delete_profile();

}  // namespace deis::cli
