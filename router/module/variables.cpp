// Values of headers and of the access log that cost less here than as expressions of the configuration.

#include "router/module/module.h"

#include <algorithm>
#include <string>
#include <string_view>

namespace deis::router {
namespace {

ngx_int_t logged(ngx_http_request_t* request, ngx_variable_value_t* value, uintptr_t) {
  const Request* own = Request::find(request);
  return give(value, own != nullptr && own->is_health_check ? "" : "1");
}

ngx_int_t app(ngx_http_request_t* request, ngx_variable_value_t* value, uintptr_t) {
  const Request* own = Request::find(request);
  return give(value, own != nullptr ? std::string_view(own->taken.app.data()) : std::string_view());
}

bool is_peer_trusted(ngx_http_request_t* request) {
  const ngx_http_variable_value_t* value =
      ngx_http_get_indexed_variable(request, static_cast<ngx_uint_t>(main_of(request)->peer_is_trusted));
  return value != nullptr && value->not_found == 0 && value->len == 1 && value->data[0] == '1';
}

ngx_int_t scheme(ngx_http_request_t* request, ngx_variable_value_t* value, uintptr_t) {
  return give(value, is_https(request) ? "https" : "http");
}

// Exact, or a wildcard for the first label.
ngx_int_t certificate(ngx_http_request_t* request, ngx_variable_value_t* value, uintptr_t) {
  const std::string host(view(request->headers_in.server));
  const auto dot = host.find('.');
  const std::string wildcard = dot == std::string::npos ? "" : "*" + host.substr(dot);
  Main& main = *main_of(request);
  const auto has = [&main](const std::string& name) {
    return !name.empty() && main.reader->text(table::Kind::certificate, name, [](const table::Text&) {});
  };
  return give(value, has(host) || has(wildcard) ? "1" : "0");
}

struct Variable {
  std::string_view name;
  ngx_http_get_variable_pt get;
};

}  // namespace

ngx_int_t give(ngx_variable_value_t* value, std::string_view text) {
  value->len = static_cast<unsigned>(text.size()) & 0xFFFFFFFU;
  value->data = to_ngx(text).data;
  value->valid = 1;
  value->no_cacheable = 0;
  value->not_found = 0;
  return NGX_OK;
}

// TLS here is https whatever anybody says; else the last element of what a trusted peer says.
bool is_https(ngx_http_request_t* request) {
  if (request->connection->ssl != nullptr) return true;
  std::string_view claimed = header_of(request, "x-forwarded-proto");
  if (claimed.empty() || !is_peer_trusted(request)) return false;
  claimed.remove_prefix(std::min(claimed.size(), claimed.rfind(',') + 1));
  const auto begin = claimed.find_first_not_of(" \t"), end = claimed.find_last_not_of(" \t");
  if (begin == std::string_view::npos) return false;
  claimed = claimed.substr(begin, end - begin + 1);
  const ngx_str_t word = to_ngx(claimed);
  return word.len == 5 && ngx_strncasecmp(word.data, to_ngx("https").data, 5) == 0;
}

ngx_int_t add_variables(ngx_conf_t* conf) {
  constexpr Variable kVariables[] = {
      {"deis_logged", logged},
      {"deis_app", app},
      {"deis_certificate", certificate},
      {"deis_forwarded", give_forwarded},
      {"deis_scheme", scheme}};
  for (const Variable& variable : kVariables) {
    ngx_str_t name = to_ngx(variable.name);
    ngx_http_variable_t* made = ngx_http_add_variable(conf, &name, 0);
    if (made == nullptr) return NGX_ERROR;
    made->get_handler = variable.get;
  }
  auto* main = static_cast<Main*>(ngx_http_conf_get_module_main_conf(conf, ngx_http_deis_module));
  ngx_str_t trusted = to_ngx("peer_is_trusted");
  main->peer_is_trusted = ngx_http_get_variable_index(conf, &trusted);
  return main->peer_is_trusted == NGX_ERROR ? NGX_ERROR : NGX_OK;
}

}  // namespace deis::router
