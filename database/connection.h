#pragma once
// A blocking libpq connection, for the few statements of this component. Used on the worker pool only.

#include <chrono>
#include <map>
#include <memory>
#include <optional>
#include <string>

struct pg_conn;

namespace deis::database {

using ConnectionOptions = std::map<std::string, std::string>;  // libpq's keywords: host, port, user ...

class Connection {
 public:
  // Throws Error{unavailable} with the server's message. A statement that is not answered within
  // `answer_limit` throws Error{timeout}; the connection is of no use then.
  Connection(const ConnectionOptions& options, std::chrono::milliseconds answer_limit);
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  // The first column of the first row, nullopt when there is none. Throws Error{unavailable}.
  std::optional<std::string> query(const std::string& statement, const std::string& parameter = "");
  void execute(const std::string& statement);

  // Parts of statements that cannot take parameters (CREATE ROLE ...).
  std::string identifier(const std::string& name);
  std::string literal(const std::string& text);
  // What the server stores for a password, so that it never sees the password itself.
  std::string scram_verifier(const std::string& role, const std::string& password);

 private:
  void await_answer();
  std::string message() const;

  pg_conn* connection_;
  std::chrono::milliseconds answer_limit_;
};

}  // namespace deis::database
