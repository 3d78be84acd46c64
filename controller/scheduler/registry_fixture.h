#pragma once
// For component tests: a stand-in for the registry that has only what RegistryClient asks for, and fails as
// it is told to. The real one is in registry_client_component_test.cpp.

#include "core/etcd/client.h"
#include "core/net/http_server.h"

#include <functional>
#include <map>
#include <string>
#include <string_view>

namespace deis::controller::test {

class FakeRegistry {
 public:
  explicit FakeRegistry(Executor executor);

  Task<> run() { return server_.run(); }
  // What the real one does when it serves, and when its lease ends.
  Task<> announce(etcd::Client& etcd);
  Task<> withdraw(etcd::Client& etcd);

  void push(const std::string& repository, const std::string& tag);
  bool has(const std::string& repository) const;
  // Requests of this method are answered so; 0: as they should be. 200 to a HEAD comes without a digest.
  void answer(const std::string& method, int status) { answers_[method] = status; }
  // Awaited before every answer.
  using BeforeAnswer = std::function<Task<>(std::string_view method)>;
  void before_answers(BeforeAnswer hook) { before_answer_ = std::move(hook); }

 private:
  Task<net::Reply> handle(net::Request request);
  net::Reply reply_to(const net::Request& request);

  std::map<std::string, std::map<std::string, std::string>> digests_;  // by repository and tag
  std::map<std::string, int> answers_;
  BeforeAnswer before_answer_;
  net::HttpServer server_;
};

}  // namespace deis::controller::test
