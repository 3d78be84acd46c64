#include "database/login_probe.h"

#include "core/base/error.h"

namespace deis::database {
namespace {

constexpr auto kAnswerLimit = std::chrono::seconds(1);

class LoginProbe {
 public:
  explicit LoginProbe(ConnectionOptions login) : login_(std::move(login)) {}

  void select() {
    try {
      if (!connection_) connection_ = std::make_unique<Connection>(login_, kAnswerLimit);
      connection_->query("SELECT 1");
    } catch (const Error&) {
      connection_.reset();  // the next probe logs in anew
      throw;
    }
  }

 private:
  ConnectionOptions login_;
  std::unique_ptr<Connection> connection_;
};

Task<bool> passes(std::shared_ptr<LoginProbe> probe, net::WorkerPool& workers) {
  const std::function<void()> select = [probe] { probe->select(); };
  co_await workers.run(select);
  co_return true;
}

}  // namespace

component::Announcer::Probe login_probe(net::WorkerPool& workers, ConnectionOptions login) {
  const auto probe = std::make_shared<LoginProbe>(std::move(login));
  return [&workers, probe](Deadline) { return passes(probe, workers); };
}

}  // namespace deis::database
