#pragma once
// Follows what Docker says during a build, so that a failed one can be cleaned up: which images are new.
// Pure.

#include <string>
#include <vector>

namespace deis::builder {

class BuildOutput {
 public:
  // One piece of output, as it comes.
  void take(const std::string& text);
  // Images that this build made, newest first: each step's result that did not come from the cache.
  std::vector<std::string> new_images() const;

 private:
  void take_line(const std::string& line);
  std::string partial_;
  bool from_cache_ = false;
  std::vector<std::string> images_;
};

}  // namespace deis::builder
