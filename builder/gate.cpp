#include "builder/gate.h"

#include "builder/gate_messages.h"
#include "core/base/error.h"
#include "core/json/json.h"

namespace deis::builder {

using namespace std::chrono_literals;

namespace {

constexpr auto kLimit = 20s;
constexpr auto kKeyLimit = 10s;  // sshd asks twice within its LoginGraceTime

net::Reply refuse(const Error& error) {
  const int status = error.code() == ErrorCode::invalid     ? 400
                     : error.code() == ErrorCode::not_found ? 404
                                                            : 403;
  return net::Reply::json(status, json::to_string(Refusal{error.what()}));
}

Task<> write_line(net::BodyWriter& out, PushLine line) {
  const std::string text = json::to_string(line) + "\n";
  co_await out.write(text);
}

}  // namespace

Gate::Gate(
    ControllerClient& controller,
    Repositories& repositories,
    Pipeline& pipeline,
    Housekeeper& housekeeper,
    Log log)
    : controller_(controller),
      repositories_(repositories),
      pipeline_(pipeline),
      housekeeper_(housekeeper),
      log_(std::move(log)) {}

Task<net::Reply> Gate::handle(net::Request request) {
  net::Reply refusal;
  try {
    if (request.target == "/authorized-key") co_return co_await authorized_key(std::move(request));
    if (request.target == "/session") co_return co_await session(std::move(request));
    if (request.target == "/push") co_return co_await push(std::move(request));
    if (request.target == "/pushed") co_return pushed(request);
    co_return net::Reply::text(404, "");
  } catch (const Error& error) {
    if (error.code() == ErrorCode::canceled) throw;
    log_.info("refused", {{"what", request.target}, {"reason", error.what()}});
    refusal = refuse(error);
  }
  co_return refusal;
}

Task<net::Reply> Gate::authorized_key(net::Request request) {
  const auto question = json::from<KeyQuestion>(json::parse(request.body));
  if (!is_key_type(question.type) || !is_key_base64(question.base64))
    throw Error(ErrorCode::invalid, "not an SSH public key");
  KeyAnswer answer;
  try {
    const auto owner = co_await controller_.owner_of_key(question.type, question.base64, in(kKeyLimit));
    if (owner) answer.line = authorized_key_line(*owner, question.type, question.base64);
  } catch (const Error& error) {
    if (error.code() != ErrorCode::unavailable && error.code() != ErrorCode::timeout) throw;
    log_.warning("nobody can say whose a key is", {{"error", error.what()}});
    answer.line = unavailable_key_line(question.type, question.base64);
  }
  co_return net::Reply::json(200, json::to_string(answer));
}

Task<net::Reply> Gate::session(net::Request request) {
  const auto question = json::from<SessionQuestion>(json::parse(request.body));
  const Identity identity = Identity::parse(question.identity);
  const AppId app = AppId::parse(question.app);
  co_await controller_.authorise(identity.user, app, in(kLimit));
  co_await housekeeper_.make_way(app);
  co_await repositories_.prepare(app, in(kLimit));
  const SessionAnswer answer{repositories_.path_of(app).string()};
  co_return net::Reply::json(200, json::to_string(answer));
}

Task<net::Reply> Gate::push(net::Request request) {
  const auto question = json::from<PushQuestion>(json::parse(request.body));
  Push push{
      .identity = Identity::parse(question.identity),
      .app = AppId::parse(question.app),
      .ssh_connection = question.ssh_connection,
      .original_command = question.original_command,
      .objects = question.objects,
      .updates = parse_ref_updates(question.updates),
      .raw_options = question.options};
  net::Reply reply;
  reply.stream = [this, push](net::BodyWriter& out) { return take_push(push, out); };
  co_return reply;
}

net::Reply Gate::pushed(const net::Request& request) {
  const auto notice = json::from<PushedNotice>(json::parse(request.body));
  housekeeper_.note(AppId::parse(notice.app));
  return net::Reply::json(200, "{}");
}

Task<> Gate::take_push(Push push, net::BodyWriter& out) {
  Pipeline::Say say = [&out](std::string text) { return write_line(out, PushLine{.out = std::move(text)}); };
  PushLine last{.end = true};
  try {
    co_await pipeline_.run(push, say);
    last.accepted = true;
  } catch (const Error& error) {
    if (error.code() == ErrorCode::canceled) throw;
    log_.info(
        "push declined",
        {{"app", push.app.str()}, {"user", push.identity.user.str()}, {"reason", error.what()}});
    last.out = std::string(" !     ") + error.what() + "\n";
  }
  co_await write_line(out, std::move(last));
}

}  // namespace deis::builder
