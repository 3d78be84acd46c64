#include "controller/acme/challenges.h"

#include "core/json/json.h"

namespace deis::controller::acme {
namespace {

constexpr std::chrono::seconds kLease{600};  // longer than an order may take
constexpr std::chrono::seconds kEtcdLimit{10};

struct ChallengeValue {
  std::string host, answer;
};
BOOST_DESCRIBE_STRUCT(ChallengeValue, (), (host, answer))

}  // namespace

Task<etcd::LeaseId> Challenges::open() {
  return etcd_.grant(kLease, in(kEtcdLimit));
}

Task<> Challenges::publish(etcd::LeaseId order, std::string host, std::string token, std::string answer) {
  const ChallengeValue value{.host = std::move(host), .answer = std::move(answer)};
  std::string text = json::to_string(value);
  const auto revision = co_await etcd_.put("/deis/acme/" + token, std::move(text), in(kEtcdLimit), order);
  co_await wait_(revision);
}

Task<> Challenges::close(etcd::LeaseId order) {
  return etcd_.revoke(order, in(kEtcdLimit));
}

}  // namespace deis::controller::acme
