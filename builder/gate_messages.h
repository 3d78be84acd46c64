#pragma once
// What the roles and the daemon say to each other over the unix socket.

#include <boost/describe.hpp>

#include <string>
#include <vector>

namespace deis::builder {

inline constexpr auto kGateSocket = "/run/deis/builder.sock";

struct KeyQuestion {
  std::string type, base64;
};
BOOST_DESCRIBE_STRUCT(KeyQuestion, (), (type, base64))

struct KeyAnswer {
  std::string line;  // for authorized_keys; "" for an unknown key
};
BOOST_DESCRIBE_STRUCT(KeyAnswer, (), (line))

struct SessionQuestion {
  std::string identity;  // the forced command
  std::string app;
};
BOOST_DESCRIBE_STRUCT(SessionQuestion, (), (identity, app))

struct SessionAnswer {
  std::string repository;  // path
};
BOOST_DESCRIBE_STRUCT(SessionAnswer, (), (repository))

struct PushedNotice {
  std::string app;
};
BOOST_DESCRIBE_STRUCT(PushedNotice, (), (app))

struct PushQuestion {
  std::string identity, app, ssh_connection, original_command, objects;
  std::string updates;               // pre-receive's input as it is
  std::vector<std::string> options;  // git push -o
};
BOOST_DESCRIBE_STRUCT(
    PushQuestion, (), (identity, app, ssh_connection, original_command, objects, updates, options))

// One line of the streamed answer to a push: some output, or the end.
struct PushLine {
  std::string out;
  bool end = false, accepted = false;
};
BOOST_DESCRIBE_STRUCT(PushLine, (), (out, end, accepted))

struct Refusal {
  std::string detail;
};
BOOST_DESCRIBE_STRUCT(Refusal, (), (detail))

}  // namespace deis::builder
