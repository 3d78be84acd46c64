#include "controller/domain/build_rules.h"

#include "controller/domain/process_types.h"
#include "controller/domain/release_jobs.h"
#include "controller/domain/validation.h"

#include <fmt/format.h>

#include <algorithm>

namespace deis::controller {
namespace {

constexpr std::size_t kMaximumImage = 256;
constexpr std::size_t kMaximumSha = 40;
constexpr std::size_t kMaximumProcessTypes = 100;
constexpr std::size_t kMaximumCommand = 16 * 1024;
constexpr std::size_t kMaximumDockerfile = 256 * 1024;

Error invalid_build(const std::string& field, const std::string& message) {
  return Error(ErrorCode::invalid, field, message);
}

bool is_alphanumeric(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

void check_image(const std::string& image) {
  if (image.empty()) throw invalid_build("image", kNotBlank);
  check_text("image", image, kMaximumImage, Lines::one);
  const bool good =
      is_alphanumeric(image.front()) && std::ranges::all_of(image, [](char c) {
        return is_alphanumeric(c) || std::string_view("._-/:@").find(c) != std::string_view::npos;
      });
  if (!good) throw invalid_build("image", "Enter a valid image name: [registry/]repository[:tag]");
}

// The sha becomes part of an image's tag.
void check_sha(const std::string& sha) {
  check_text("sha", sha, kMaximumSha, Lines::one);
  const bool good =
      std::ranges::all_of(sha, [](char c) { return is_alphanumeric(c) || c == '-' || c == '_'; });
  if (!good) throw invalid_build("sha", "A commit is named by up to 40 hex digits.");
}

void check_procfile(const StringMap& procfile) {
  if (procfile.size() > kMaximumProcessTypes) {
    throw invalid_build(
        "procfile", fmt::format("Ensure this field has no more than {} types.", kMaximumProcessTypes));
  }
  for (const auto& [type, command] : procfile) {
    ProcessType::parse(type);
    if (type == kRunType)
      throw invalid_build("procfile", "The process type 'run' is reserved for one-off commands.");
    check_text("procfile", command, kMaximumCommand, Lines::many);
  }
}

}  // namespace

void check_build(const NewBuild& build) {
  Problems problems;
  problems.collect("image", [&] { check_image(build.image); });
  problems.collect("sha", [&] { check_sha(build.sha); });
  problems.collect("procfile", [&] { check_procfile(build.procfile); });
  problems.collect(
      "dockerfile", [&] { check_text("dockerfile", build.dockerfile, kMaximumDockerfile, Lines::many); });
  problems.throw_if_any();
  check_image_allowed(build.image);
}

}  // namespace deis::controller
