#include "core/net/message_parser.h"

#include "core/base/text.h"

#include <fmt/format.h>

#include <algorithm>

namespace deis::net {
namespace {

constexpr std::size_t kLongestMethod = 32;

BadMessage bad(const char* what) {
  return BadMessage(400, what);
}

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

bool is_token_char(char c) {
  const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
  return letter || is_digit(c) ||
         (c != '\0' && std::string_view("!#$%&'*+-.^_`|~").find(c) != std::string_view::npos);
}

bool is_token(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), is_token_char);
}

// What a header's value, a reason or a chunk extension may hold: no control character but the tab.
bool is_text(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte == '\t' || (byte >= 0x20 && byte != 0x7f);
  });
}

std::string_view trim_blanks(std::string_view text) {
  const auto is_blank = [](char c) { return c == ' ' || c == '\t'; };
  while (!text.empty() && is_blank(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_blank(text.back())) text.remove_suffix(1);
  return text;
}

// The line at the start of `bytes` with its CRLF, where the search for its end begins at `from`; "" when the
// end has not come yet, and then `from` is where to go on.
std::string_view line_of(std::string_view bytes, std::size_t& from) {
  const auto end = bytes.find_first_of("\r\n", from);
  if (end == std::string_view::npos) {
    from = bytes.size();
    return {};
  }
  if (bytes[end] == '\n') throw bad("a line ends in LF without CR");
  if (end + 1 == bytes.size()) {
    from = end;
    return {};
  }
  if (bytes[end + 1] != '\n') throw bad("a line holds a CR without LF");
  from = 0;
  return bytes.substr(0, end + 2);
}

std::string_view without_end(std::string_view line) {
  return line.substr(0, line.size() - 2);
}

std::pair<std::string_view, std::string_view> read_field(std::string_view line) {
  if (line.front() == ' ' || line.front() == '\t') throw bad("a header line is folded");
  const auto colon = line.find(':');
  if (colon == std::string_view::npos) throw bad("a header line has no colon");
  const std::string_view name = line.substr(0, colon), value = trim_blanks(line.substr(colon + 1));
  if (!is_token(name)) throw bad("a header's name holds a character that is not allowed");
  if (!is_text(value)) throw bad("a header's value holds a control character");
  return {name, value};
}

int read_version(std::string_view text) {
  if (text == "HTTP/1.1") return 11;
  if (text == "HTTP/1.0") return 10;
  const bool other = text.size() >= 6 && text.starts_with("HTTP/") && is_digit(text[5]);
  if (other) throw BadMessage(505, "only HTTP/1.1 and HTTP/1.0 are spoken here");
  throw bad("not HTTP/1.1: the first line does not name the version");
}

// Of a comma-separated list of tokens.
bool has_token(const Headers& headers, std::string_view name, std::string_view token) {
  for (const auto& field : headers.all()) {
    if (to_lower(field.first) != name) continue;
    for (const std::string_view part : split(field.second, ',')) {
      if (to_lower(trim_blanks(part)) == token) return true;
    }
  }
  return false;
}

std::vector<std::string_view> values_of(const Headers& headers, std::string_view name) {
  std::vector<std::string_view> values;
  for (const auto& field : headers.all()) {
    if (field.first.size() == name.size() && to_lower(field.first) == name) values.push_back(field.second);
  }
  return values;
}

int hex_digit(char c) {
  if (is_digit(c)) return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

// "1a" or "1a;name=value".
std::uint64_t read_chunk_size(std::string_view line) {
  std::size_t digits = 0;
  std::uint64_t size = 0;
  while (digits < line.size() && hex_digit(line[digits]) >= 0) {
    if (digits == 15) throw bad("a chunk's size is too large");
    size = size * 16 + static_cast<std::uint64_t>(hex_digit(line[digits++]));
  }
  const std::string_view extension = line.substr(digits);
  if (digits == 0 || (!extension.empty() && extension.front() != ';'))
    throw bad("a chunk's size is not a hex number");
  if (!is_text(extension)) throw bad("a chunk's extension holds a control character");
  return size;
}

// The path of an absolute target (RFC 9112 §3.2.2): proxies may send one.
std::string_view origin_form(std::string_view target) {
  const auto scheme_end = target.find("://");
  const std::string scheme =
      to_lower(target.substr(0, scheme_end == std::string_view::npos ? 0 : scheme_end));
  if (scheme != "http" && scheme != "https") throw bad("the target of the request does not begin with '/'");
  const auto path = target.find_first_of("/?", scheme_end + 3);
  if (path == std::string_view::npos) return "/";
  if (target[path] == '?') throw bad("the target of the request has no path");
  return target.substr(path);
}

}  // namespace

BadMessage::BadMessage(int status, const std::string& what)
    : Error(status == 413 || status == 431 ? ErrorCode::too_large : ErrorCode::invalid, what),
      status_(status) {}

std::size_t MessageParser::feed(std::string_view bytes) {
  std::size_t used = 0;
  for (;;) {
    const std::string_view rest = bytes.substr(used);
    const State before = state_;
    std::size_t taken = 0;
    switch (state_) {
      case State::head:
        taken = feed_head(rest);
        break;
      case State::sized_body:
      case State::chunk_data:
        taken = feed_sized(rest);
        break;
      case State::until_eof:
        body += rest;
        taken = rest.size();
        break;
      case State::chunk_line:
        taken = feed_chunk_line(rest);
        break;
      case State::chunk_end:
        taken = feed_chunk_end(rest);
        break;
      case State::trailers:
        taken = feed_trailers(rest);
        break;
      case State::done:
        break;
    }
    used += taken;
    if (state_ == State::done || (taken == 0 && state_ == before) || used == bytes.size()) return used;
  }
}

// Looks only for the ends of lines until the empty one has come; then the whole head is read at once.
std::size_t MessageParser::feed_head(std::string_view bytes) {
  for (;;) {
    std::size_t from = scanned_ - line_at_;
    const std::string_view line = line_of(bytes.substr(line_at_), from);
    if (line.empty()) {
      scanned_ = line_at_ + from;
      if (bytes.size() > limits_.head) break;
      return 0;
    }
    const bool first = line_at_ == 0;
    line_at_ += line.size();
    scanned_ = line_at_;
    if (line_at_ > limits_.head) break;
    if (line.size() == 2) {
      if (first) throw bad("not HTTP/1.1: the first line is empty");
      read_head(bytes.substr(0, line_at_));
      return std::exchange(scanned_, 0);
    }
    if (lines_++ > limits_.fields) {
      throw BadMessage(431, fmt::format("there are more than {} headers", limits_.fields));
    }
  }
  throw BadMessage(431, fmt::format("the head of the message is over {} bytes", limits_.head));
}

void MessageParser::read_head(std::string_view text) {
  std::size_t from = 0;
  const std::string_view first = line_of(text, from);
  if (kind_ == Kind::request) {
    read_request_line(without_end(first));
  } else {
    read_status_line(without_end(first));
  }
  text.remove_prefix(first.size());
  for (;;) {
    const std::string_view line = line_of(text, from);
    if (line.size() == 2) break;
    const auto [name, value] = read_field(without_end(line));
    headers().add(name, value);
    text.remove_prefix(line.size());
  }
  if (kind_ == Kind::request) check_host();
  keep_alive_ = wants_keep_alive();
  frame_body();
}

void MessageParser::read_request_line(std::string_view line) {
  const auto method_end = line.find(' ');
  const auto target_end = method_end == std::string_view::npos ? method_end : line.find(' ', method_end + 1);
  if (target_end == std::string_view::npos)
    throw bad("not HTTP/1.1: the first line is not '<method> <target> <version>'");
  const std::string_view method = line.substr(0, method_end);
  std::string_view target = line.substr(method_end + 1, target_end - method_end - 1);
  version = read_version(line.substr(target_end + 1));
  if (!is_token(method) || method.size() > kLongestMethod) throw bad("the method of the request is not one");
  const bool visible = std::all_of(target.begin(), target.end(), [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte > 0x20 && byte != 0x7f;
  });
  if (target.empty() || !visible)
    throw bad("the target of the request holds a character that is not allowed");
  if (target.front() != '/' && target != "*") target = origin_form(target);
  request.method = method;
  request.target = target;
}

void MessageParser::read_status_line(std::string_view line) {
  const auto version_end = line.find(' ');
  version = read_version(line.substr(0, version_end));
  const std::string_view rest = version_end == std::string_view::npos ? "" : line.substr(version_end + 1);
  const bool three = rest.size() >= 3 && is_digit(rest[0]) && is_digit(rest[1]) && is_digit(rest[2]);
  if (!three || rest[0] == '0' || (rest.size() > 3 && rest[3] != ' '))
    throw bad("the status of the answer is not a number of three digits");
  head.status = (rest[0] - '0') * 100 + (rest[1] - '0') * 10 + (rest[2] - '0');
  const std::string_view reason = rest.size() > 4 ? rest.substr(4) : "";
  if (!is_text(reason)) throw bad("the reason of the answer holds a control character");
  head.reason = reason;
}

void MessageParser::check_host() const {
  const auto hosts = values_of(request.headers, "host");
  if (hosts.size() > 1) throw bad("the header Host is given twice");
  if (hosts.empty() && version >= 11) throw bad("the header Host is missing");
  if (!hosts.empty() && hosts[0].find_first_of(" \t/\\@?#,") != std::string_view::npos)
    throw bad("the header Host is not a host");
}

// How the body ends (RFC 9112 §6.3), without its guesses: what is ambiguous is refused.
void MessageParser::frame_body() {
  const bool chunked = read_transfer_encoding();
  read_content_length();
  if (chunked && content_length_) throw bad("both Content-Length and Transfer-Encoding are given");
  const bool response = kind_ == Kind::response;
  const bool bodiless =
      no_body_ || (response && (head.status < 200 || head.status == 204 || head.status == 304));
  if (bodiless) {
    state_ = State::done;
  } else if (chunked) {
    state_ = State::chunk_line;
  } else if (content_length_) {
    left_ = *content_length_;
    state_ = left_ > 0 ? State::sized_body : State::done;
  } else {
    if (response) keep_alive_ = false;
    state_ = response ? State::until_eof : State::done;
  }
}

bool MessageParser::read_transfer_encoding() {
  const auto codings = values_of(headers(), "transfer-encoding");
  if (codings.empty()) return false;
  if (version < 11) throw bad("HTTP/1.0 has no Transfer-Encoding");
  if (codings.size() == 1 && to_lower(codings[0]) == "chunked") return true;
  const auto last = split(codings.back(), ',').back();
  if (to_lower(trim_blanks(last)) != "chunked") throw bad("Transfer-Encoding does not end in chunked");
  throw BadMessage(501, "of Transfer-Encoding only 'chunked' is understood");
}

void MessageParser::read_content_length() {
  const auto lengths = values_of(headers(), "content-length");
  if (lengths.empty()) return;
  if (lengths.size() > 1) throw bad("Content-Length is given twice");
  const std::string_view text = lengths[0];
  if (text.empty() || !std::all_of(text.begin(), text.end(), is_digit))
    throw bad("Content-Length is not a number");
  const auto length = parse_int(text);
  if (!length) throw bad("Content-Length is too large");
  content_length_ = static_cast<std::uint64_t>(*length);
}

std::size_t MessageParser::feed_sized(std::string_view bytes) {
  const auto count = static_cast<std::size_t>(std::min<std::uint64_t>(bytes.size(), left_));
  body += bytes.substr(0, count);
  left_ -= count;
  if (left_ == 0) state_ = state_ == State::sized_body ? State::done : State::chunk_end;
  return count;
}

std::size_t MessageParser::feed_chunk_line(std::string_view bytes) {
  const std::string_view line = line_of(bytes, scanned_);
  if (line.size() > limits_.chunk_line || (line.empty() && bytes.size() > limits_.chunk_line))
    throw bad("the line with a chunk's size is too long");
  if (line.empty()) return 0;
  left_ = read_chunk_size(without_end(line));
  state_ = left_ > 0 ? State::chunk_data : State::trailers;
  return line.size();
}

std::size_t MessageParser::feed_chunk_end(std::string_view bytes) {
  if (bytes.empty()) return 0;
  if (bytes.front() != '\r' || (bytes.size() > 1 && bytes[1] != '\n'))
    throw bad("a chunk is longer than its size");
  if (bytes.size() < 2) return 0;
  state_ = State::chunk_line;
  return 2;
}

std::size_t MessageParser::feed_trailers(std::string_view bytes) {
  const std::string_view line = line_of(bytes, scanned_);
  if (trailer_bytes_ + (line.empty() ? bytes.size() : line.size()) > limits_.trailers) {
    throw BadMessage(431, fmt::format("the trailers are over {} bytes", limits_.trailers));
  }
  if (line.empty()) return 0;
  trailer_bytes_ += line.size();
  if (line.size() == 2) {
    state_ = State::done;
  } else {
    read_field(without_end(line));
  }
  return line.size();
}

void MessageParser::end_of_input() {
  if (state_ == State::until_eof) state_ = State::done;
  if (state_ != State::done)
    throw Error(ErrorCode::unavailable, "the connection was closed within a message");
}

bool MessageParser::wants_keep_alive() const {
  const bool close = has_token(headers(), "connection", "close");
  return !close && (version >= 11 || has_token(headers(), "connection", "keep-alive"));
}

}  // namespace deis::net
