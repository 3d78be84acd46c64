// Attached one-off commands: a POST starts one, a WebSocket carries its terminal. Binary messages begin with
// their channel (0 standard input, 1 output, 2 error); text messages are JSON.

#include "controller/api/body.h"
#include "controller/api/handlers.h"
#include "controller/api/response.h"
#include "controller/domain/services.h"
#include "core/json/json.h"
#include "core/net/task_group.h"
#include "core/net/websocket.h"

#include <boost/asio/this_coro.hpp>

#include <algorithm>
#include <array>

namespace deis::controller::api {
namespace {

using Attachment = std::shared_ptr<RunSession::Attachment>;

constexpr std::size_t kMaximumCommand = 16 * 1024;
constexpr std::int64_t kMaximumSide = 1000;  // of a terminal, in characters
constexpr char kInput = 0, kOutput = 1, kErrorOutput = 2;
constexpr std::uint16_t kBadMessage = 1008;           // RFC 6455: "policy violation"
constexpr auto kCloseTime = std::chrono::seconds(3);  // for the client's close frame
constexpr std::array kSignals{"HUP", "INT", "KILL", "QUIT", "TERM", "USR1", "USR2", "WINCH"};

// Patient with a client whose user has stopped the output for a moment.
net::WebSocketOptions terminal_options() {
  net::WebSocketOptions options;
  options.write_timeout = options.idle_timeout;
  return options;
}

// ---- starting one

bool flag(const json::object& body, const char* name, Fields& fields) {
  const auto* value = body.if_contains(name);
  if (!value) return false;
  if (!value->is_bool()) fields.problem(name, "This field must be true or false.");
  return value->is_bool() && value->get_bool();
}

int side(const json::object& body, const char* name, int otherwise, Fields& fields) {
  const auto* value = body.if_contains(name);
  if (!value) return otherwise;
  const auto* number = value->if_int64();
  const bool good = number && *number >= 1 && *number <= kMaximumSide;
  if (!good) fields.problem(name, "This field must be a whole number from 1 to 1000.");
  return good ? static_cast<int>(*number) : otherwise;
}

// ---- messages of the client

struct WireSize {
  std::int64_t rows = 0, cols = 0;
};
BOOST_DESCRIBE_STRUCT(WireSize, (), (rows, cols))

struct WireControl {
  std::optional<WireSize> resize;
  std::optional<std::string> signal;
  bool eof = false, detach = false;
};
BOOST_DESCRIBE_STRUCT(WireControl, (), (resize, signal, eof, detach))

TerminalSize size_of(const WireSize& wire) {
  for (const std::int64_t side : {wire.rows, wire.cols}) {
    if (side < 1 || side > kMaximumSide)
      throw Error(ErrorCode::invalid, "a terminal has 1 to 1000 rows and columns");
  }
  return TerminalSize{.rows = static_cast<int>(wire.rows), .columns = static_cast<int>(wire.cols)};
}

// True when the client detaches.
Task<bool> obey(const Attachment& attachment, std::string text) {
  const auto control = json::from<WireControl>(json::parse(text));
  if (control.resize) co_await attachment->resize(size_of(*control.resize));
  if (control.signal) {
    if (std::ranges::find(kSignals, *control.signal) == kSignals.end())
      throw Error(ErrorCode::invalid, "the signal is none that can be sent");
    co_await attachment->signal(*control.signal);
  }
  if (control.eof) attachment->end_input();
  if (control.detach) attachment->detach();
  co_return control.detach;
}

Task<bool> take(const Attachment& attachment, net::WebSocketMessage message) {
  if (message.is_text) co_return co_await obey(attachment, std::move(message.data));
  if (message.data.empty() || message.data.front() != kInput)
    throw Error(ErrorCode::invalid, "a binary message begins with a zero byte, the channel of the input");
  co_await attachment->write(message.data.substr(1));
  co_return false;
}

// What a command does to its container may fail because the command has just ended: no fault of the client.
bool is_fault(const Error& error) {
  return error.code() == ErrorCode::invalid;
}

Task<> take_messages(const Attachment& attachment, net::WebSocket& socket) {
  std::string fault;
  while (fault.empty()) {
    auto message = co_await socket.receive();
    if (!message) co_return;
    try {
      const bool detached = co_await take(attachment, std::move(*message));
      if (detached) break;
    } catch (const Error& error) {
      if (error.code() == ErrorCode::canceled) throw;
      if (is_fault(error)) fault = error.what();
    }
  }
  if (fault.empty()) {
    co_await socket.close(net::CloseCode::normal, "detached");
  } else {
    co_await socket.close(kBadMessage, fault);
  }
}

// ---- messages to the client

Task<> send_end(const Attachment& attachment, net::WebSocket& socket) {
  const SessionEnd end = attachment->end();
  if (end.why == SessionEnd::Why::exited) {
    const json::object exit{{"exit", end.exit_code}};
    co_await socket.send_text(json::to_text(exit));
  }
  attachment->told_end();
  if (end.why == SessionEnd::Why::exited) co_await socket.close(net::CloseCode::normal);
  if (end.why == SessionEnd::Why::failed) co_await socket.close(net::CloseCode::failed, end.reason);
  if (end.why == SessionEnd::Why::stopped) co_await socket.close(net::CloseCode::going_away, end.reason);
}

Task<> send_output(const Attachment& attachment, net::WebSocket& socket) {
  for (;;) {
    const auto piece = co_await attachment->read();
    if (!piece) break;
    std::string message(1, piece->is_error ? kErrorOutput : kOutput);
    message += piece->data;
    co_await socket.send_binary(std::move(message));
  }
  co_await send_end(attachment, socket);
  co_await net::sleep_for(kCloseTime);  // the client's close frame ends us earlier
}

Task<> then_cancel(net::TaskGroup& group, Task<> work) {
  std::exception_ptr failure;
  try {
    co_await std::move(work);
  } catch (...) {
    failure = std::current_exception();
  }
  group.cancel();
  if (failure) std::rethrow_exception(failure);
}

Task<> serve_terminal(Attachment attachment, net::WebSocket& socket) {
  net::TaskGroup group(co_await asio::this_coro::executor);
  group.spawn(then_cancel(group, send_output(attachment, socket)));
  group.spawn(then_cancel(group, take_messages(attachment, socket)));
  std::exception_ptr failure;
  try {
    co_await group.join();
  } catch (...) {
    failure = std::current_exception();
  }
  attachment->release();  // the connection may take a moment to close
  if (failure) std::rethrow_exception(failure);
}

}  // namespace

bool wants_attached_run(const Call& call) {
  const auto* attach = call.body.if_contains("attach");
  return attach && !(attach->is_bool() && !attach->get_bool());
}

Task<net::Reply> start_attached_run(Services& services, Call& call) {
  Fields fields(call.body);
  const std::string command = fields.required("command", kMaximumCommand, Lines::many);
  flag(call.body, "attach", fields);
  AttachOptions options{.tty = flag(call.body, "tty", fields)};
  options.size.rows = side(call.body, "rows", options.size.rows, fields);
  options.size.columns = side(call.body, "cols", options.size.columns, fields);
  fields.check();
  const AttachedRuns::Opened opened =
      co_await services.attached_runs.open(services.runs, call.the_app(), call.user(), command, options);
  const json::object body{{"session", opened.session}, {"container", opened.job.str()}};
  co_return created(body);
}

Task<net::Reply> attach_run(Services& services, Call& call) {
  const auto session = services.attached_runs.find(call.the_app(), call.user(), call.parameter("session"));
  if (!net::wants_websocket(call.request)) {
    net::Reply reply = detail(426, "This is a WebSocket: ask for it with Connection: Upgrade.");
    reply.headers.set("Upgrade", "websocket");
    co_return reply;
  }
  const auto attachment = session->attach();
  auto serve = [attachment](net::WebSocket& socket) { return serve_terminal(attachment, socket); };
  co_return net::accept_websocket(call.request, std::move(serve), terminal_options());
}

}  // namespace deis::controller::api
