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

}  // namespace

component::Announcer::Probe login_probe(net::WorkerPool& workers, ConnectionOptions login) {
  return [&workers, probe = std::make_shared<LoginProbe>(std::move(login))](Deadline) -> Task<bool> {
    const std::function<void()> select = [probe] { probe->select(); };
    co_await workers.run(select);
    co_return true;
  };
}

}  // namespace deis::database
