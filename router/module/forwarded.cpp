// What an app is told about its visitor: the value of $deis_forwarded. It is the request's id and then whole
// lines of headers, because nginx takes longer over each header of the configuration than all of this takes.

#include "router/module/module.h"

#include <algorithm>
#include <charconv>
#include <cstring>

namespace deis::router {
namespace {

constexpr std::size_t kLongestId = 64, kLongestNumber = 16;

bool is_harmless(std::string_view id) {
  return !id.empty() && id.size() <= kLongestId && std::all_of(id.begin(), id.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
           c == '_' || c == '-';
  });
}

// Appends to memory that was measured before.
class Lines {
 public:
  explicit Lines(char* memory) : begin_(memory), end_(memory) {}

  Lines& operator<<(std::string_view text) {
    std::memcpy(end_, text.data(), text.size());
    end_ += text.size();
    return *this;
  }
  Lines& number(std::uint64_t value, int base) {
    end_ = std::to_chars(end_, end_ + kLongestNumber, value, base).ptr;
    return *this;
  }
  std::string_view text() const { return {begin_, static_cast<std::size_t>(end_ - begin_)}; }

 private:
  char *begin_, *end_;
};

// The client's own id when it is a harmless one: clients of the controller recognise their roll-outs by it.
void write_id(ngx_http_request_t* request, Lines& lines) {
  const std::string_view own = header_of(request, "x-request-id");
  if (is_harmless(own)) {
    lines << own;
    return;
  }
  Main& main = *main_of(request);
  lines.number(main.request_prefix, 16) << "L-";
  lines.number(static_cast<std::uint64_t>(ngx_time()), 16) << "T-";
  lines.number(++main.requests, 16) << "L";
}

// The listening port, unless the TLS was somewhere else.
ngx_uint_t port_of(ngx_http_request_t* request, bool is_https) {
  if (is_https && request->connection->ssl == nullptr) return 443;
  if (ngx_connection_local_sockaddr(request->connection, nullptr, 0) != NGX_OK) return 0;
  return ngx_inet_get_port(request->connection->local_sockaddr);
}

}  // namespace

ngx_int_t give_forwarded(ngx_http_request_t* request, ngx_variable_value_t* value, uintptr_t) {
  constexpr std::string_view kFor = "\r\nX-Forwarded-For: ", kProto = "\r\nX-Forwarded-Proto: ",
                             kPort = "\r\nX-Forwarded-Port: ", kSsl = "\r\nX-Forwarded-Ssl: ",
                             kUpgrade = "\r\nConnection: upgrade\r\nUpgrade: ";
  const std::string_view client = view(request->connection->addr_text);
  const ngx_table_elt_t* upgrade = request->headers_in.upgrade;
  const std::string_view protocol = upgrade != nullptr ? view(upgrade->value) : std::string_view();
  const std::size_t most = kLongestId + kFor.size() + client.size() + kProto.size() + kPort.size() +
                           kSsl.size() + kUpgrade.size() + protocol.size() + 2 * kLongestNumber;
  auto* memory = static_cast<char*>(ngx_pnalloc(request->pool, most));
  if (memory == nullptr) return NGX_ERROR;
  const bool https = is_https(request);
  Lines lines(memory);
  write_id(request, lines);
  lines << kFor << client << kProto << (https ? "https" : "http") << kPort;
  lines.number(port_of(request, https), 10) << kSsl << (https ? "on" : "off");
  // Without it nginx keeps the connection to the app open for the next request.
  if (upgrade != nullptr) lines << kUpgrade << protocol;
  return give(value, lines.text());
}

}  // namespace deis::router
