#pragma once
// OpenSSH as our child: its host keys (made once, kept in the volume), its configuration, and a probe that it
// really answers.

#include "core/component/announcer.h"
#include "core/process/process.h"

#include <filesystem>

namespace deis::builder {

struct SshdPaths {
  std::filesystem::path keys;  // <volume>/host-keys
  std::filesystem::path config = "/run/deis/sshd_config";
  std::string own_program = "/usr/bin/deis-builder";
};

Task<> make_host_keys(Executor executor, SshdPaths paths);
std::string sshd_config(const SshdPaths& paths, std::uint16_t port);
process::Command sshd_command(const SshdPaths& paths);
component::Announcer::Probe banner_probe(net::Endpoint endpoint);  // the first bytes are "SSH-"

}  // namespace deis::builder
