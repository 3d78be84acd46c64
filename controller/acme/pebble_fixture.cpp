#include "controller/acme/pebble_fixture.h"

#include "controller/domain/certificate_fixture.h"
#include "core/base/error.h"
#include "core/base/random.h"
#include "core/json/json.h"

#include <fstream>

namespace deis::controller::test {
namespace {

constexpr std::chrono::seconds kStartTime{20};

std::string local(const ReservedPort& port) {
  return "127.0.0.1:" + std::to_string(port.number());
}

process::Process start_quietly(Executor executor, std::vector<std::string> argv) {
  process::Command command;
  command.argv = std::move(argv);
  command.out = command.err = process::Command::Output::discard;
  // Looks at once, finds no nonce stale, and looks again at domains that it has seen before.
  command.env = {
      {"PATH", "/usr/bin:/bin"},
      {"PEBBLE_VA_NOSLEEP", "1"},
      {"PEBBLE_WFE_NONCEREJECT", "0"},
      {"PEBBLE_AUTHZREUSE", "0"}};
  return process::Process::start(executor, command);
}

Task<> wait_for_port(std::uint16_t port) {
  const Deadline deadline = in(kStartTime);
  for (;;) {
    try {
      co_await net::connect(net::Endpoint::tcp("127.0.0.1", port), deadline);
      co_return;
    } catch (const Error& error) {
      if (std::chrono::steady_clock::now() > deadline) throw with_context("pebble did not start", error);
    }
    co_await net::sleep_for(std::chrono::milliseconds(10));
  }
}

}  // namespace

PebbleFixture::PebbleFixture(Executor executor)
    : executor_(executor), place_(std::filesystem::temp_directory_path() / ("deis-pebble-" + random_hex(8))) {
  std::filesystem::create_directory(place_);
}

PebbleFixture::~PebbleFixture() {
  pebble_.reset();
  names_.reset();
  std::error_code ignored;
  std::filesystem::remove_all(place_, ignored);
}

std::string PebbleFixture::directory() const {
  return "https://localhost:" + std::to_string(port_.number()) + "/dir";
}

Task<std::unique_ptr<PebbleFixture>> PebbleFixture::start(Executor executor) {
  std::unique_ptr<PebbleFixture> fixture(new PebbleFixture(executor));
  fixture->write_files();
  co_await fixture->launch();
  co_return fixture;
}

void PebbleFixture::write_files() {
  const MadeCertificate issuer(CertificateSpec{.common_name = "pebble's issuer", .is_issuer = true});
  const MadeCertificate own(CertificateSpec{.common_name = "localhost", .names = {"localhost"}}, &issuer);
  roots_ = issuer.certificate();
  std::ofstream(place_ / "own.pem") << own.certificate();
  std::ofstream(place_ / "own.key") << own.key();
  json::object pebble;
  pebble["listenAddress"] = local(port_);
  pebble["managementListenAddress"] = local(admin_port_);
  pebble["certificate"] = (place_ / "own.pem").string();
  pebble["privateKey"] = (place_ / "own.key").string();
  pebble["httpPort"] = http_port_.number();
  pebble["tlsPort"] = tls_port_.number();
  json::object config;
  config["pebble"] = std::move(pebble);
  std::ofstream(place_ / "config.json") << json::to_text(config);
}

void PebbleFixture::kill() {
  pebble_.reset();
}

Task<> PebbleFixture::restart() {
  kill();
  return launch();
}

Task<> PebbleFixture::launch() {
  if (!names_) {
    std::vector<std::string> argv = {"pebble-challtestsrv", "-defaultIPv4", "127.0.0.1", "-defaultIPv6", ""};
    for (const char* unused : {"-http01", "-https01", "-tlsalpn01"}) {
      argv.emplace_back(unused);
      argv.emplace_back("");
    }
    argv.insert(argv.end(), {"-dns01", local(dns_port_), "-management", local(names_port_)});
    names_ = std::make_unique<process::Process>(start_quietly(executor_, std::move(argv)));
  }
  std::vector<std::string> argv = {
      "pebble", "-config", (place_ / "config.json").string(), "-dnsserver", local(dns_port_)};
  pebble_ = std::make_unique<process::Process>(start_quietly(executor_, std::move(argv)));
  co_await wait_for_port(names_port_.number());
  co_await wait_for_port(port_.number());
}

}  // namespace deis::controller::test
