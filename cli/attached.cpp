#include "cli/attached.h"

#include "cli/output.h"
#include "cli/stdin_reader.h"
#include "cli/terminal.h"
#include "core/base/error.h"
#include "core/base/text.h"
#include "core/json/json.h"
#include "core/net/task_group.h"
#include "core/net/websocket.h"

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <fmt/format.h>

#include <cerrno>
#include <csignal>
#include <iostream>
#include <unistd.h>

namespace deis::cli {
namespace {

using namespace std::chrono_literals;

constexpr char kStdin = 0, kStdout = 1, kStderr = 2;
constexpr char kCtrlP = 0x10, kCtrlQ = 0x11;

void write_all(int descriptor, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t count = ::write(descriptor, bytes.data(), bytes.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) throw Error(ErrorCode::internal, "cannot write the command's output");
    bytes.remove_prefix(static_cast<std::size_t>(count));
  }
}

std::string size_text(const WindowSize& size) {
  const json::object rows_and_columns{{"rows", size.rows}, {"cols", size.columns}};
  const json::object message{{"resize", rows_and_columns}};
  return json::to_text(message);
}

// One attached session, as long as this program is at it.
class Attachment {
 public:
  Attachment(net::WebSocket& socket, bool tty, bool one_output)
      : socket_(socket), tty_(tty), stderr_(one_output ? STDOUT_FILENO : STDERR_FILENO) {}

  // The exit code; nullopt when the command was left running.
  Task<std::optional<int>> run(bool leave_at_once) {
    if (leave_at_once) {
      co_await socket_.send_text(R"({"detach":true})");
      co_await socket_.finish();
      co_return std::nullopt;
    }
    const Executor executor = co_await asio::this_coro::executor;
    StdinReader input(executor);
    net::TaskGroup group(executor);
    group.spawn(send_input(input));
    group.spawn(pass_signals());
    group.spawn(socket_.keep_alive());
    std::exception_ptr failure;
    try {
      co_await receive();
    } catch (...) {
      failure = std::current_exception();
    }
    group.cancel();
    try {
      co_await group.join();
    } catch (...) {
      // What the helpers met is told by receive(), too.
    }
    if (failure && !exit_ && !left_) std::rethrow_exception(failure);
    if (!exit_ && !left_) throw broken_off();
    co_return exit_;
  }

 private:
  Task<> receive() {
    for (;;) {
      const std::optional<net::WebSocketMessage> message = co_await socket_.receive();
      if (!message) co_return;
      if (message->is_text) {
        const json::value told = json::parse(message->data);
        const auto code = parse_int(text_of(told, "exit"));
        if (code) exit_ = static_cast<int>(*code);
      } else if (!message->data.empty()) {
        const std::string_view bytes = std::string_view(message->data).substr(1);
        if (message->data[0] == kStdout) write_all(STDOUT_FILENO, bytes);
        if (message->data[0] == kStderr) write_all(stderr_, bytes);
      }
    }
  }

  Task<> send_input(StdinReader& input) {
    DetachKeys keys;
    for (;;) {
      const std::string typed = co_await input.read();
      if (typed.empty()) {
        co_await socket_.send_text(R"({"eof":true})");
        co_return;
      }
      const std::string bytes = tty_ ? keys.feed(typed) : typed;
      if (!bytes.empty()) co_await socket_.send_binary(kStdin + bytes);
      if (!keys.pressed()) continue;
      left_ = true;
      co_await socket_.send_text(R"({"detach":true})");
      co_await socket_.close();
      co_return;
    }
  }

  Error broken_off() const {
    const auto& close = socket_.peer_close();
    const std::string why = close && !close->reason.empty() ? ": " + close->reason : "";
    return Error(ErrorCode::unavailable, "the connection ended before the command did" + why);
  }

  // With a terminal Ctrl-C is a byte like others; without one it is a signal to us, and for the command.
  Task<> pass_signals() {
    const Executor executor = co_await asio::this_coro::executor;
    asio::signal_set signals(executor, SIGWINCH);
    if (!tty_) {
      signals.add(SIGINT);
      signals.add(SIGTERM);
    }
    for (;;) {
      boost::system::error_code error;
      const int number = co_await signals.async_wait(asio::redirect_error(asio::use_awaitable, error));
      if (error) throw Error(ErrorCode::canceled, "no more signals");
      std::string message = R"({"signal":"INT"})";
      if (number == SIGTERM) message = R"({"signal":"TERM"})";
      if (number == SIGWINCH) message = size_text(window_size());
      if (number != SIGWINCH || tty_) co_await socket_.send_text(std::move(message));
    }
  }

  net::WebSocket& socket_;
  const bool tty_;
  const int stderr_;
  bool left_ = false;
  std::optional<int> exit_;
};

Task<std::optional<int>> attach(net::HttpClient client, net::Request request, AttachedRun run) {
  std::unique_ptr<net::WebSocket> socket =
      co_await net::connect_websocket(client, std::move(request), in(30s));
  std::optional<TerminalMode> raw;
  if (run.tty && !run.detach) raw.emplace(TerminalMode::Kind::raw);
  Attachment attachment(*socket, run.tty, run.one_output);
  co_return co_await attachment.run(run.detach);
}

}  // namespace

std::string DetachKeys::feed(std::string_view typed) {
  std::string bytes;
  for (const char c : typed) {
    if (held_ && c == kCtrlQ) {
      pressed_ = true;
      return bytes;
    }
    if (held_) bytes += kCtrlP;
    held_ = c == kCtrlP;
    if (!held_) bytes += c;
  }
  return bytes;
}

int print_result(const json::value& answer) {
  const auto* result = answer.if_array();
  if (!result || result->size() != 2 || !(*result)[0].is_number() || !(*result)[1].is_string())
    throw Error(ErrorCode::internal, "the controller's answer is not [exit code, output]");
  std::cout << std::string((*result)[1].get_string()) << std::flush;
  return static_cast<int>((*result)[0].to_number<double>());
}

int run_attached(Session& session, const AttachedRun& run) {
  std::string id = run.session;
  if (id.empty()) {
    const WindowSize size = window_size();
    const json::object body{
        {"command", run.command},
        {"attach", true},
        {"tty", run.tty},
        {"rows", size.rows},
        {"cols", size.columns}};
    const json::value started = session.api().post(session.app_path("run/"), body);
    if (started.is_array()) return print_result(started);  // a controller that cannot attach has run it
    id = text_of(started, "session");
    if (id.empty()) throw Error(ErrorCode::unavailable, "this controller cannot attach to commands");
  }
  const std::string path = session.app_path("run/" + url_encode(id) + "/");
  const std::string again = fmt::format("deis apps:attach {} -a {}", id, session.app());
  try {
    net::Request request = session.api().request("GET", path);
    auto task = attach(session.api().client(), std::move(request), run);
    const std::optional<int> code = session.loop().run(std::move(task));
    if (code) return *code;
  } catch (const Error& error) {
    throw Error(
        error.code(),
        fmt::format(
            "{}: {}\nThe command may be running still: {}", session.api().url_of(path), error.what(), again));
  }
  std::cerr << (run.tty ? "\n" : "") << "It goes on; attach again with: " << again << "\n";
  return 0;
}

}  // namespace deis::cli
