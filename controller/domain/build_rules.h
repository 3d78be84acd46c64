#pragma once
// What a build may be made of (contract api.md §3.13). Pure.

#include "controller/domain/model.h"

namespace deis::controller {

// A build as a caller describes it.
struct NewBuild {
  std::string image;       // required, at most 256 characters
  std::string sha;         // "" for image imports
  StringMap procfile;      // type -> command
  std::string dockerfile;  // non-empty: Dockerfile workflow
};

// Throws ValidationError naming all bad fields, Error{forbidden} for images of the platform's own components.
void check_build(const NewBuild& build);

}  // namespace deis::controller
