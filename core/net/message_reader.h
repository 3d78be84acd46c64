#pragma once
// Reads one HTTP message from a stream: first its head, then its body piece by piece. Included only by .cpp
// files.

#include "core/net/message_parser.h"
#include "core/net/stream.h"

#include <string>

namespace deis::net {

class MessageReader {
 public:
  // `unread` holds bytes that came in behind the previous message and keeps those behind this one.
  MessageReader(MessageParser::Kind kind, Stream& stream, std::string& unread, MessageLimits limits)
      : parser(kind, limits), kind_(kind), stream_(stream), unread_(unread) {}

  MessageParser parser;

  // False when a client closed the connection before the first byte. Throws BadMessage, Error{unavailable}
  // when the peer closed it later, Error{timeout}; the stream can be written to after BadMessage and timeout.
  Task<bool> read_head(Deadline deadline);
  // The next bytes of the body, "" at its end.
  Task<std::string> read_body(Deadline deadline);

  bool started() const { return started_; }  // whether any byte of the message has arrived

 private:
  Task<bool> fill(Deadline deadline);
  void parse();

  MessageParser::Kind kind_;
  Stream& stream_;
  std::string& unread_;
  bool started_ = false;
};

}  // namespace deis::net
