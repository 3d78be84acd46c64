#include "builder/role.h"

#include "builder/gate_messages.h"
#include "builder/ssh_command.h"
#include "core/base/error.h"
#include "core/base/text.h"
#include "core/json/json.h"
#include "core/net/http_client.h"
#include "core/net/task_group.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <fmt/format.h>

#include <cstdlib>
#include <fcntl.h>
#include <iostream>
#include <signal.h>
#include <sstream>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <unistd.h>

namespace deis::builder {

using namespace std::chrono_literals;

namespace {

std::string variable(const char* name) {
  const char* value = std::getenv(name);
  return value ? value : "";
}

// Of git's variables, which are as many as it says.
std::vector<std::string> push_options() {
  constexpr int kMost = 16;
  std::vector<std::string> options;
  const auto count = parse_int(variable("GIT_PUSH_OPTION_COUNT")).value_or(0);
  if (count > kMost) throw Error(ErrorCode::invalid, "there are too many push options");
  for (int i = 0; i < count; ++i) options.push_back(variable(fmt::format("GIT_PUSH_OPTION_{}", i).c_str()));
  return options;
}

int run(Task<int> task) {
  asio::io_context io(1);
  int code = 1;
  std::exception_ptr failure;
  asio::co_spawn(io, std::move(task), [&](std::exception_ptr e, int result) {
    failure = e;
    code = result;
  });
  io.run();
  if (!failure) return code;
  try {
    std::rethrow_exception(failure);
  } catch (const std::exception& error) {
    std::cerr << " !     " << error.what() << "\n";
  }
  return 1;
}

net::Request question(std::string path, std::string body) {
  net::Request request;
  request.method = "POST";
  request.target = std::move(path);
  request.body = std::move(body);
  return request;
}

Task<std::string> ask(Executor executor, std::string path, std::string body) {
  net::HttpClient gate(executor, net::Endpoint::unix_socket(kGateSocket));
  net::Response response = co_await gate.send(question(std::move(path), std::move(body)), in(30s));
  if (response.status == 200) co_return std::move(response.body);
  std::string detail = "the builder refused without a reason";
  try {
    detail = json::from<Refusal>(json::parse(response.body)).detail;
  } catch (const Error&) {
    // The sentence above has to do.
  }
  throw Error(ErrorCode::forbidden, detail);
}

Task<int> print_key_line(std::string type, std::string base64) {
  const Executor executor = co_await asio::this_coro::executor;
  std::string question = json::to_string(KeyQuestion{type, base64});
  const std::string answer = co_await ask(executor, "/authorized-key", std::move(question));
  const std::string line = json::from<KeyAnswer>(json::parse(answer)).line;
  if (!line.empty()) std::cout << line << "\n";
  co_return 0;
}

// Replaces this process by git, with an environment that holds only what we put there.
int become_git(const std::string& forced, const GitCommand& command, const std::string& repository) {
  const bool receive = command.kind == GitCommand::Kind::receive_pack;
  std::vector<std::string> argv{
      "git",
      "-c",
      "core.hooksPath=/usr/lib/deis/hooks",
      "-c",
      "receive.autogc=false",
      "-c",
      "receive.advertisePushOptions=true"};
  argv.insert(argv.end(), {receive ? "receive-pack" : "upload-pack", repository});
  std::vector<std::string> env{
      "PATH=/usr/bin:/bin",
      "HOME=/nonexistent",
      "GIT_CONFIG_NOSYSTEM=1",
      "DEIS_IDENTITY=" + forced,
      "DEIS_APP=" + command.app->str(),
      "SSH_CONNECTION=" + variable("SSH_CONNECTION"),
      "SSH_ORIGINAL_COMMAND=" + variable("SSH_ORIGINAL_COMMAND")};
  // For the hook: git itself does not end when nobody listens to it any more.
  const int pusher = ::fcntl(STDOUT_FILENO, F_DUPFD, 3);
  if (pusher >= 0) env.push_back(fmt::format("DEIS_PUSHER={}", pusher));
  const std::string protocol = variable("GIT_PROTOCOL");
  if (protocol == "version=1" || protocol == "version=2") env.push_back("GIT_PROTOCOL=" + protocol);
  std::vector<char*> raw_argv, raw_env;
  for (std::string& word : argv) raw_argv.push_back(word.data());
  for (std::string& entry : env) raw_env.push_back(entry.data());
  raw_argv.push_back(nullptr);
  raw_env.push_back(nullptr);
  ::execve("/usr/bin/git", raw_argv.data(), raw_env.data());
  std::cerr << " !     git cannot be started\n";
  return 1;
}

Task<int> serve_session(std::string forced, std::string* repository, GitCommand command) {
  const Executor executor = co_await asio::this_coro::executor;
  std::string question = json::to_string(SessionQuestion{forced, command.app->str()});
  const std::string answer = co_await ask(executor, "/session", std::move(question));
  *repository = json::from<SessionAnswer>(json::parse(answer)).repository;
  co_return 0;
}

// "remote: " is written over: the pusher sees the build's own lines.
void show(const std::string& text, bool& at_line_start) {
  for (const char c : text) {
    if (at_line_start) std::cout << "\033[1G";
    at_line_start = c == '\n';
    std::cout << c;
  }
  std::cout << std::flush;
}

Task<int> forward_push(PushQuestion push) {
  const Executor executor = co_await asio::this_coro::executor;
  net::HttpClient gate(executor, net::Endpoint::unix_socket(kGateSocket));
  const Deadline limit = in(60min);
  std::unique_ptr<net::ResponseStream> answer =
      co_await gate.open(question("/push", json::to_string(push)), limit);
  std::string buffer;
  bool at_line_start = true;
  for (;;) {
    const std::string piece = co_await answer->read(limit);
    if (piece.empty()) throw Error(ErrorCode::unavailable, "the builder was interrupted: push again");
    buffer += piece;
    for (auto end = buffer.find('\n'); end != std::string::npos; end = buffer.find('\n')) {
      const auto line = json::from<PushLine>(json::parse(buffer.substr(0, end)));
      buffer.erase(0, end + 1);
      show(line.out, at_line_start);
      if (line.end) co_return line.accepted ? 0 : 1;
    }
  }
}

// Ends with an Error when nobody reads from the pipe to sshd any more. It is git's output: to wait for it
// with an epoll of its own leaves its mode as it is.
Task<> watch_pusher(int pipe) {
  epoll_event only_its_end{};
  const int poll = ::epoll_create1(EPOLL_CLOEXEC);
  if (poll < 0 || ::epoll_ctl(poll, EPOLL_CTL_ADD, pipe, &only_its_end) != 0)
    throw Error(ErrorCode::internal, "the connection to the pusher cannot be watched");
  asio::posix::stream_descriptor gone(co_await asio::this_coro::executor, poll);
  co_await gone.async_wait(asio::posix::stream_descriptor::wait_read, asio::use_awaitable);
  throw Error(ErrorCode::unavailable, "the pusher has gone");
}

Task<> forward_to_end(PushQuestion push, int& status, net::TaskGroup& all) {
  status = co_await forward_push(std::move(push));
  all.cancel();
}

// As long as there is a pusher.
Task<int> take_push(PushQuestion push) {
  net::TaskGroup group(co_await asio::this_coro::executor);
  int status = 1;
  group.spawn(forward_to_end(std::move(push), status, group));
  if (const auto pipe = parse_int(variable("DEIS_PUSHER")))
    group.spawn(watch_pusher(static_cast<int>(*pipe)));
  co_await group.join();
  co_return status;
}

Task<int> tell_pushed(std::string app) {
  const Executor executor = co_await asio::this_coro::executor;
  std::string notice = json::to_string(PushedNotice{std::move(app)});
  try {
    co_await ask(executor, "/pushed", std::move(notice));
  } catch (const Error&) {
    // The push is accepted; what would follow comes after the next one.
  }
  co_return 0;
}

PushQuestion push_question() {
  std::ostringstream updates;
  updates << std::cin.rdbuf();
  PushQuestion push;
  push.identity = variable("DEIS_IDENTITY");
  push.app = variable("DEIS_APP");
  push.ssh_connection = variable("SSH_CONNECTION");
  push.original_command = variable("SSH_ORIGINAL_COMMAND");
  push.objects = variable("GIT_OBJECT_DIRECTORY");
  push.updates = updates.str();
  push.options = push_options();
  return push;
}

}  // namespace

int authorized_keys_role(const std::string& type, const std::string& base64) {
  return run(print_key_line(type, base64));
}

int shell_role(const std::vector<std::string>& arguments) {
  try {
    if (arguments.size() != 2 || arguments[0] != "-c")
      throw Error(ErrorCode::invalid, "there is no shell here: use git push");
    const std::string& forced = arguments[1];
    // Whoever this is, nobody has said so: he gets the reason and nothing else.
    if (forced == kUnavailableCommand)
      throw Error(ErrorCode::unavailable, "the controller is not available; try again in a moment");
    Identity::parse(forced);
    const GitCommand command = parse_git_command(variable("SSH_ORIGINAL_COMMAND"));
    if (command.kind == GitCommand::Kind::ping) {
      std::cout << "pong\n";
      return 0;
    }
    std::string repository;
    if (const int failed = run(serve_session(forced, &repository, command))) return failed;
    return become_git(forced, command, repository);
  } catch (const Error& error) {
    std::cerr << " !     " << error.what() << "\n";
    return 1;
  }
}

int post_receive_role() {
  return run(tell_pushed(variable("DEIS_APP")));
}

int pre_receive_role() {
  // Without the git that asks there is nothing to do.
  const pid_t git = ::getppid();
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (::getppid() != git) return 1;
  try {
    return run(take_push(push_question()));
  } catch (const Error& error) {
    std::cerr << " !     " << error.what() << "\n";
    return 1;
  }
}

}  // namespace deis::builder
