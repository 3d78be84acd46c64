#include "core/docker/docker_fixture.h"

#include "core/base/error.h"
#include "core/base/random.h"
#include "core/process/process.h"

#include <filesystem>
#include <fstream>
#include <sstream>

namespace deis::docker {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;

constexpr auto kDockerfile =
    "FROM scratch\nCOPY busybox /bin/busybox\nRUN [\"/bin/busybox\", \"--install\", \"/bin\"]\n"
    "EXPOSE 8080\nCMD [\"/bin/sleep\", \"3600\"]\n";

Task<std::string> build_context() {
  const fs::path folder = fs::temp_directory_path() / ("deis-docker-test-" + random_hex(4));
  fs::create_directories(folder);
  fs::copy_file("/bin/busybox", folder / "busybox");
  std::ofstream(folder / "Dockerfile") << kDockerfile;
  process::Command tar{.argv = {"tar", "-C", folder, "-cf", folder / "context.tar", "busybox", "Dockerfile"}};
  const Executor executor = co_await asio::this_coro::executor;
  co_await process::check_output(executor, std::move(tar), in(30s));
  std::ostringstream content;
  content << std::ifstream(folder / "context.tar", std::ios::binary).rdbuf();
  fs::remove_all(folder);
  co_return content.str();
}

}  // namespace

Task<std::string> build_busybox(Client& docker, std::string tag) {
  const bool there = co_await docker.image_exists(tag, in(30s));
  if (there) co_return "";
  std::string tar = co_await build_context();
  const net::BodySource context = [&tar]() -> Task<std::string> { co_return std::exchange(tar, ""); };
  BuildOptions options;
  options.tag = tag;
  const auto build = co_await docker.build(context, options, in(60s));
  std::string said;
  for (;;) {
    const std::optional<Progress> line = co_await build->next(in(60s));
    if (!line) co_return said;
    if (!line->error.empty()) throw Error(ErrorCode::internal, "building the test image: " + line->error);
    said += line->text;
  }
}

}  // namespace deis::docker
