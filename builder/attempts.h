#pragma once
// The pushes under way, on disk: what a builder that was killed has left, the next one undoes
// (Launcher::take_over).

#include "core/base/names.h"
#include "core/net/offload.h"

#include <filesystem>
#include <string>
#include <vector>

namespace deis::builder {

struct Image {
  std::string repository, tag;
  bool existed = false;  // an earlier push of the same commit made it: it is not ours to remove
  std::string reference() const { return repository + ":" + tag; }
};

// One ref of a push.
struct Attempt {
  AppId app;
  std::string sha;
  Image image;
  std::vector<std::string> layers;  // images of an unfinished build, newest first
  bool launching = false;           // the controller was asked for a release, or was about to be
};

class Attempts {
 public:
  Attempts(net::WorkerPool& workers, std::filesystem::path directory);

  // Replaces what is there of the app. Throws Error{unavailable} when it cannot be written.
  Task<> write(Attempt attempt);
  Task<> remove(AppId app);  // absent is fine
  Task<std::vector<Attempt>> all();

 private:
  std::filesystem::path path_of(const AppId& app) const;
  net::WorkerPool& workers_;
  std::filesystem::path directory_;
};

}  // namespace deis::builder
