#include "ctl/engine_hook.h"

#include "core/base/error.h"
#include "core/component/durable_file.h"
#include "core/process/process.h"
#include "ctl/console.h"

#include <boost/asio/this_coro.hpp>
#include <fmt/format.h>

#include <algorithm>

namespace deis::ctl {
namespace {

namespace fs = std::filesystem;

constexpr const char* kSystemd = "/run/systemd/system";  // is there when systemd is the init process
constexpr const char* kDropIn = "/etc/systemd/system/docker.service.d/deis.conf";
constexpr std::chrono::seconds kReloadTime{60};

bool has_systemd() {
  std::error_code ignored;
  return fs::is_directory(kSystemd, ignored);
}

// systemd.service(5), "Command lines": a word in quotes; % and $ stand for more than themselves unless
// doubled.
std::string quoted(const std::string& word) {
  std::string text = "\"";
  for (const char c : word) {
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) {
      throw Error(ErrorCode::invalid, "Docker's data root has a control character in its name");
    }
    if (c == '"' || c == '\\') text += '\\';
    if (c == '%' || c == '$') text += c;
    text += c;
  }
  return text + "\"";
}

Task<> reload_systemd() {
  const Executor executor = co_await asio::this_coro::executor;
  process::Command command;
  command.argv = std::vector<std::string>{"systemctl", "daemon-reload"};
  co_await process::check_output(executor, std::move(command), in(kReloadTime));
}

}  // namespace

std::string engine_drop_in(const fs::path& engine_root) {
  return fmt::format(
      "# Written by 'deisctl install platform', removed by 'deisctl uninstall platform'.\n"
      "# After a power loss Docker rejects the tasks of Swarm's networks until this was done. The '-': it "
      "never keeps Docker down.\n"
      "[Service]\n"
      "ExecStartPre=-/usr/local/bin/deisctl engine-clean --engine-root {}\n",
      quoted(engine_root.string()));
}

Task<> ensure_engine_hook(Platform& platform) {
  if (!has_systemd() || !platform.options().docker.is_unix) co_return;
  const auto root = co_await platform.docker().data_root(Platform::soon());
  const auto content = engine_drop_in(root);
  const auto present = component::read_file(kDropIn);
  if (present != content) {
    fs::create_directories(fs::path(kDropIn).parent_path());
    component::write_durably(kDropIn, content, 0644);
    co_await reload_systemd();
  }
  progress("docker", present == content ? "is cleaned before it starts" : "will be cleaned before it starts");
}

Task<> remove_engine_hook() {
  if (!has_systemd() || !fs::remove(kDropIn)) co_return;
  co_await reload_systemd();
  progress("docker", "starts as before the installation");
}

}  // namespace deis::ctl
