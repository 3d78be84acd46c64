#include "builder/sshd.h"

#include "core/base/error.h"

#include <fmt/format.h>

namespace deis::builder {

using namespace std::chrono_literals;
namespace fs = std::filesystem;

namespace {

constexpr std::string_view kKeyTypes[] = {"ed25519", "ecdsa", "rsa"};

fs::path key_path(const SshdPaths& paths, std::string_view type) {
  return paths.keys / fmt::format("ssh_host_{}_key", type);
}

Task<bool> begins_with_banner(net::Endpoint endpoint, Deadline deadline) {
  std::unique_ptr<net::Stream> stream = co_await net::connect(endpoint, deadline);
  char bytes[4];
  std::size_t count = 0;
  while (count < sizeof(bytes)) {
    const std::size_t more = co_await stream->read_some(bytes + count, sizeof(bytes) - count, deadline);
    if (more == 0) co_return false;
    count += more;
  }
  co_return std::string_view(bytes, sizeof(bytes)) == "SSH-";
}

}  // namespace

Task<> make_host_keys(Executor executor, SshdPaths paths) {
  fs::create_directories(paths.keys);
  fs::permissions(paths.keys, fs::perms::owner_all);
  for (const std::string_view type : kKeyTypes) {
    const fs::path path = key_path(paths, type), beside = path.string() + ".new";
    if (fs::exists(path)) continue;
    // Made beside and renamed: an interrupted start leaves no half key.
    fs::remove(beside);
    process::Command keygen;
    keygen.argv = {
        "ssh-keygen", "-q", "-t", std::string(type), "-N", "", "-C", "deis-builder", "-f", beside.string()};
    co_await process::check_output(executor, std::move(keygen), in(60s));
    fs::rename(beside.string() + ".pub", path.string() + ".pub");
    fs::rename(beside, path);
  }
}

std::string sshd_config(const SshdPaths& paths, std::uint16_t port) {
  std::string text = fmt::format(
      "Port {}\n"
      "ListenAddress 127.0.0.1\n"
      "PidFile none\n"
      "LogLevel INFO\n"
      "AllowUsers git\n"
      "AuthenticationMethods publickey\n"
      "PubkeyAuthentication yes\n"
      "PasswordAuthentication no\n"
      "KbdInteractiveAuthentication no\n"
      "AuthorizedKeysFile none\n"
      "AuthorizedKeysCommand {} authorized-keys %t %k\n"
      "AuthorizedKeysCommandUser git\n"
      "PermitUserEnvironment no\n"
      "AcceptEnv GIT_PROTOCOL\n"
      "AllowAgentForwarding no\n"
      "AllowTcpForwarding no\n"
      "AllowStreamLocalForwarding no\n"
      "X11Forwarding no\n"
      "PermitTunnel no\n"
      "PermitTTY no\n"
      "UseDNS no\n"
      "UsePAM no\n"
      "PrintMotd no\n"
      "MaxAuthTries 10\n"
      "LoginGraceTime 30\n"
      "ClientAliveInterval 30\n"
      "UnusedConnectionTimeout 30\n",  // while the controller is away, sshd lets in whoever has a key: to be
                                       // told so
      port,
      paths.own_program);
  for (const std::string_view type : kKeyTypes)
    text += fmt::format("HostKey {}\n", key_path(paths, type).string());
  return text;
}

process::Command sshd_command(const SshdPaths& paths) {
  process::Command command;
  command.argv = {"/usr/sbin/sshd", "-D", "-e", "-f", paths.config.string()};
  return command;
}

component::Announcer::Probe banner_probe(net::Endpoint endpoint) {
  return [endpoint](Deadline deadline) { return begins_with_banner(endpoint, deadline); };
}

}  // namespace deis::builder
