#pragma once
// The way of an answer out of HttpServer: its head, and its body at once or as a stream that ends when the
// client hangs up.

#include "core/net/http_server.h"
#include "core/net/task_group.h"

namespace deis::net {

// What the request says about the form of its answer.
struct Manner {
  bool head_only = false;   // the answer to HEAD
  bool chunked = true;      // HTTP/1.0 knows no chunks: there a streamed body ends with the connection
  bool keep_alive = false;  // as far as we know before the answer
};

class ReplyWriter {
 public:
  // `unread` takes what the client sends while a stream is written: the next request, early. All must outlive
  // it.
  ReplyWriter(Executor executor, Stream& stream, std::string& unread, const HttpServer::Options& options)
      : executor_(std::move(executor)), stream_(stream), unread_(unread), options_(options) {}

  // Whether the connection may serve another request.
  Task<bool> write(Reply reply, Manner manner);

 private:
  Task<bool> write_stream(Task<> body);
  Task<> watch_client(TaskGroup& group);

  Executor executor_;
  Stream& stream_;
  std::string& unread_;
  const HttpServer::Options& options_;
};

}  // namespace deis::net
