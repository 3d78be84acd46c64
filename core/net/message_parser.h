#pragma once
// Beast's HTTP parser, sans I/O: bytes in, head and body pieces out. Shared by server and client; included
// only by .cpp files.

#include "core/net/http.h"

#include <boost/asio/buffer.hpp>
#include <boost/beast/http/basic_parser.hpp>
#include <boost/optional.hpp>

#include <string>

namespace deis::net {

template <bool IsRequest>
class MessageParser : public boost::beast::http::basic_parser<IsRequest> {
  using Base = boost::beast::http::basic_parser<IsRequest>;
  using ErrorCodeRef = boost::beast::error_code&;
  using View = boost::beast::string_view;

 public:
  MessageParser() { this->eager(true); }

  Request request;    // method, target, headers of a request
  int version = 11;   // of a request: 10 or 11
  ResponseHead head;  // status, reason, headers of a response
  std::string body;   // decoded pieces that were not taken yet

  // Parses what it can of `bytes`; returns how much was used up. `error` is need_more when the message is not
  // complete.
  std::size_t feed(std::string_view bytes, boost::beast::error_code& error) {
    return this->put(boost::asio::const_buffer(bytes.data(), bytes.size()), error);
  }

 private:
  Headers& headers() {
    if constexpr (IsRequest) return request.headers;
    return head.headers;
  }
  static std::string_view to_view(View v) { return {v.data(), v.size()}; }

  void on_request_impl(
      boost::beast::http::verb, View method, View target, int http_version, ErrorCodeRef) override {
    request.method = to_view(method);
    request.target = to_view(target);
    version = http_version;
  }
  void on_response_impl(int code, View reason, int, ErrorCodeRef) override {
    head.status = code;
    head.reason = to_view(reason);
  }
  void on_field_impl(boost::beast::http::field, View name, View value, ErrorCodeRef) override {
    headers().add(to_view(name), to_view(value));
  }
  void on_header_impl(ErrorCodeRef) override {}
  void on_body_init_impl(boost::optional<std::uint64_t> const&, ErrorCodeRef) override {}
  std::size_t on_body_impl(View piece, ErrorCodeRef) override {
    body.append(piece.data(), piece.size());
    return piece.size();
  }
  void on_chunk_header_impl(std::uint64_t, View, ErrorCodeRef) override {}
  std::size_t on_chunk_body_impl(std::uint64_t, View piece, ErrorCodeRef) override {
    body.append(piece.data(), piece.size());
    return piece.size();
  }
  void on_finish_impl(ErrorCodeRef) override {}
};

}  // namespace deis::net
