#include "controller/api/build_body.h"

namespace deis::controller::api {
namespace {

constexpr std::size_t kMaximumImage = 256;
constexpr std::size_t kMaximumSha = 40;
constexpr std::size_t kMaximumDockerfile = 256 * 1024;

}  // namespace

NewBuild read_build(const boost::json::object& body) {
  Fields fields(body);
  NewBuild build{
      .image = fields.required("image", kMaximumImage),
      .sha = fields.optional("sha", kMaximumSha),
      .procfile = fields.map("procfile"),
      .dockerfile = fields.optional("dockerfile", kMaximumDockerfile, Lines::many)};
  fields.check();
  return build;
}

std::optional<CanaryWish> read_canary_wish(Fields& fields) {
  const auto weight = fields.number("canary");
  if (!weight) return std::nullopt;
  try {
    check_weight(*weight);
  } catch (const Error& error) {
    fields.problem("canary", error.what());
  }
  return CanaryWish{.weight = static_cast<int>(*weight)};
}

}  // namespace deis::controller::api
