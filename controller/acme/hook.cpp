#include "controller/acme/hook.h"

#include "core/base/error.h"
#include "core/json/json.h"
#include "core/net/http_client.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/this_coro.hpp>

#include <cstdlib>
#include <filesystem>
#include <iostream>
#include <vector>

namespace deis::controller::acme {
namespace {

constexpr std::chrono::minutes kLimit{2};  // the routers have less

Task<> tell(std::string gate, std::vector<std::string> event) {
  const Executor executor = co_await asio::this_coro::executor;
  net::HttpClient client(executor, net::Endpoint::unix_socket(std::move(gate)));
  net::Request request;
  request.method = "POST";
  request.body = json::to_string(event);
  const net::Response response = co_await client.send(std::move(request), in(kLimit));
  if (response.status != 204) throw Error(ErrorCode::unavailable, response.body);
}

}  // namespace

bool is_hook(std::string_view program) {
  return std::filesystem::path(program).filename() == kHookName;
}

int run_hook(int argc, char** argv) {
  const char* gate = std::getenv(kGateVariable);
  if (!gate) {
    std::cerr << kGateVariable << " is not set: the controller calls this program\n";
    return 2;
  }
  asio::io_context io(1);
  std::exception_ptr failure;
  std::vector<std::string> event(argv + 1, argv + argc);
  asio::co_spawn(io, tell(gate, std::move(event)), [&](std::exception_ptr thrown) { failure = thrown; });
  io.run();
  if (!failure) return 0;
  try {
    std::rethrow_exception(failure);
  } catch (const std::exception& error) {
    std::cerr << error.what() << "\n";
  }
  return 1;
}

}  // namespace deis::controller::acme
