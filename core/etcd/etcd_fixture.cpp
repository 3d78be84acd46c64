#include "core/etcd/etcd_fixture.h"

#include "core/base/error.h"
#include "core/net/http_client.h"

#include <boost/asio/io_context.hpp>

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

// Of the processes, which outlive the loops of tests. Nobody runs it: nobody waits for the end of an etcd.
asio::io_context& process_loop() {
  static asio::io_context loop;
  return loop;
}

}  // namespace

// Started and in nobody's hands.
struct EtcdFixture::Spare {
  static std::unique_ptr<EtcdFixture> take() {
    process_loop();  // ends after what it holds
    static std::unique_ptr<EtcdFixture> spare(new EtcdFixture);
    std::unique_ptr<EtcdFixture> taken = std::move(spare);
    spare.reset(new EtcdFixture);
    return taken;
  }
};

EtcdFixture::EtcdFixture() : directory_(make_directory()) {
  spawn();
}

EtcdFixture::~EtcdFixture() {
  process_.reset();
  std::error_code ignored;
  std::filesystem::remove_all(directory_, ignored);
}

Task<std::unique_ptr<EtcdFixture>> EtcdFixture::start(Executor executor) {
  std::unique_ptr<EtcdFixture> fixture = Spare::take();
  fixture->use(executor);
  co_await fixture->wait_until_ready();
  co_return fixture;
}

void EtcdFixture::use(Executor executor) {
  executor_ = executor;
  client_ = std::make_unique<Client>(executor, endpoint());
}

net::Endpoint EtcdFixture::endpoint() const {
  return net::Endpoint::tcp("127.0.0.1", client_port_.number());
}

void EtcdFixture::kill() {
  process_.reset();
}

Task<> EtcdFixture::restart() {
  kill();
  spawn();
  return wait_until_ready();
}

Task<> EtcdFixture::wipe() {
  kill();
  std::filesystem::remove_all(directory_ / "data");
  spawn();
  return wait_until_ready();
}

void EtcdFixture::spawn() {
  const std::string client_url = "http://127.0.0.1:" + std::to_string(client_port_.number());
  const std::string peer_url = "http://127.0.0.1:" + std::to_string(peer_port_.number());
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
      // A kill loses nothing that was written; only a power loss would, and no test has one.
      "--unsafe-no-fsync",
      // It is alone and waits for nobody's vote, but for a part of this time.
      "--heartbeat-interval=20",
      "--election-timeout=200",
  };
  command.out = command.err = process::Command::Output::discard;
  process_ =
      std::make_unique<process::Process>(process::Process::start(process_loop().get_executor(), command));
}

Task<> EtcdFixture::wait_until_ready() {
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
