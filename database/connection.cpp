#include "database/connection.h"

#include "core/base/error.h"
#include "core/base/text.h"
#include "core/base/time.h"

#include <libpq-fe.h>

#include <poll.h>
#include <vector>

namespace deis::database {
namespace {

struct ResultDeleter {
  void operator()(PGresult* result) const { PQclear(result); }
};
using Result = std::unique_ptr<PGresult, ResultDeleter>;

struct TextDeleter {
  void operator()(char* text) const { PQfreemem(text); }
};
using Text = std::unique_ptr<char, TextDeleter>;

}  // namespace

Connection::Connection(const ConnectionOptions& options, std::chrono::milliseconds answer_limit)
    : answer_limit_(answer_limit) {
  std::vector<const char*> keywords, values;
  for (const auto& [keyword, value] : options) {
    keywords.push_back(keyword.c_str());
    values.push_back(value.c_str());
  }
  keywords.push_back(nullptr);
  values.push_back(nullptr);
  connection_ = PQconnectdbParams(keywords.data(), values.data(), 0);
  if (PQstatus(connection_) == CONNECTION_OK) return;
  const std::string why = message();
  PQfinish(connection_);
  throw Error(ErrorCode::unavailable, why);
}

Connection::~Connection() {
  PQfinish(connection_);
}

std::string Connection::message() const {
  return std::string(trim(PQerrorMessage(connection_)));
}

std::optional<std::string> Connection::query(const std::string& statement, const std::string& parameter) {
  const char* values[] = {parameter.c_str()};
  const int count = statement.find("$1") != std::string::npos ? 1 : 0;
  if (PQsendQueryParams(connection_, statement.c_str(), count, nullptr, values, nullptr, nullptr, 0) != 1) {
    throw Error(ErrorCode::unavailable, message());
  }
  await_answer();
  const Result result(PQgetResult(connection_));
  while (const Result rest{PQgetResult(connection_)}) continue;  // the end of the statement
  const auto status = PQresultStatus(result.get());
  if (status != PGRES_TUPLES_OK && status != PGRES_COMMAND_OK) throw Error(ErrorCode::unavailable, message());
  if (PQntuples(result.get()) == 0) return std::nullopt;
  return PQgetvalue(result.get(), 0, 0);
}

void Connection::execute(const std::string& statement) {
  query(statement);
}

void Connection::await_answer() {
  const Deadline deadline = in(answer_limit_);
  while (PQisBusy(connection_) == 1) {
    const auto left =
        std::chrono::ceil<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now());
    if (left.count() <= 0) throw Error(ErrorCode::timeout, "PostgreSQL does not answer");
    pollfd socket{.fd = PQsocket(connection_), .events = POLLIN, .revents = 0};
    ::poll(&socket, 1, static_cast<int>(left.count()));
    if (PQconsumeInput(connection_) != 1) throw Error(ErrorCode::unavailable, message());
  }
}

std::string Connection::identifier(const std::string& name) {
  const Text text(PQescapeIdentifier(connection_, name.data(), name.size()));
  if (!text) throw Error(ErrorCode::invalid, message());
  return text.get();
}

std::string Connection::literal(const std::string& value) {
  const Text text(PQescapeLiteral(connection_, value.data(), value.size()));
  if (!text) throw Error(ErrorCode::invalid, message());
  return text.get();
}

std::string Connection::scram_verifier(const std::string& role, const std::string& password) {
  const Text text(PQencryptPasswordConn(connection_, password.c_str(), role.c_str(), "scram-sha-256"));
  if (!text) throw Error(ErrorCode::internal, message());
  return text.get();
}

}  // namespace deis::database
