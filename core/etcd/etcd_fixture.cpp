#include "core/etcd/etcd_fixture.h"

#include "core/base/error.h"
#include "core/net/http_client.h"

#include <cstdlib>
#include <unistd.h>

namespace deis::etcd {
namespace {

constexpr auto kStartTime = std::chrono::seconds(30);

std::filesystem::path make_directory() {
  std::string name = (std::filesystem::temp_directory_path() / "deis-etcd-XXXXXX").string();
  if (::mkdtemp(name.data()) == nullptr)
    throw Error(ErrorCode::internal, "cannot make a temporary directory");
  return name;
}

std::uint16_t free_port(const Executor& executor) {
  const net::Listener listener(executor, net::Endpoint::tcp("127.0.0.1", 0));
  return listener.endpoint().port;
}

}  // namespace

EtcdFixture::EtcdFixture(Executor executor)
    : executor_(executor),
      directory_(make_directory()),
      client_port_(free_port(executor)),
      peer_port_(free_port(executor)),
      client_(std::make_unique<Client>(executor, endpoint())) {}

EtcdFixture::~EtcdFixture() {
  process_.reset();
  std::error_code ignored;
  std::filesystem::remove_all(directory_, ignored);
}

Task<std::unique_ptr<EtcdFixture>> EtcdFixture::start(Executor executor) {
  std::unique_ptr<EtcdFixture> fixture(new EtcdFixture(executor));
  co_await fixture->launch();
  co_return fixture;
}

net::Endpoint EtcdFixture::endpoint() const {
  return net::Endpoint::tcp("127.0.0.1", client_port_);
}

void EtcdFixture::kill() {
  process_.reset();
}

Task<> EtcdFixture::restart() {
  kill();
  return launch();
}

Task<> EtcdFixture::wipe() {
  kill();
  std::filesystem::remove_all(directory_ / "data");
  return launch();
}

Task<> EtcdFixture::launch() {
  const std::string client_url = "http://127.0.0.1:" + std::to_string(client_port_);
  const std::string peer_url = "http://127.0.0.1:" + std::to_string(peer_port_);
  process::Command command;
  command.argv = {
      "etcd",
      "--name=test",
      "--data-dir=" + (directory_ / "data").string(),
      "--listen-client-urls=" + client_url,
      "--advertise-client-urls=" + client_url,
      "--listen-peer-urls=" + peer_url,
      "--initial-advertise-peer-urls=" + peer_url,
      "--initial-cluster=test=" + peer_url,
      "--experimental-watch-progress-notify-interval=1s",
  };
  command.out = command.err = process::Command::Output::discard;
  process_ = std::make_unique<process::Process>(process::Process::start(executor_, command));

  const Deadline deadline = in(kStartTime);
  for (;;) {
    try {
      co_await client_->get("ready", in(std::chrono::seconds(5)));
      co_return;
    } catch (const Error& error) {
      if (std::chrono::steady_clock::now() > deadline) throw with_context("etcd did not start", error);
    }
    co_await net::sleep_for(std::chrono::milliseconds(20));
  }
}

Task<> EtcdFixture::compact() {
  const auto now = co_await client_->list("none", in(kStartTime));
  net::HttpClient http(executor_, endpoint());
  net::Request request;
  request.method = "POST";
  request.target = "/v3/kv/compaction";
  request.body = "{\"revision\":\"" + std::to_string(now.revision) + "\",\"physical\":true}";
  co_await http.send(std::move(request), in(kStartTime));
}

}  // namespace deis::etcd
