// What happens to a request before it is proxied, and at its end.

#include "router/module/module.h"
#include "router/table/hash.h"

#include <algorithm>
#include <new>

namespace deis::router {
namespace {

using table::Verdict;

constexpr std::string_view kHealthCheck = "/health-check", kChallenge = "/.well-known/acme-challenge/";

table::Address client_of(const ngx_http_request_t* request) {
  table::Address address{};
  const sockaddr* from = request->connection->sockaddr;
  if (from->sa_family == AF_INET6) {
    std::copy_n(reinterpret_cast<const sockaddr_in6*>(from)->sin6_addr.s6_addr, 16, address.begin());
  } else if (from->sa_family == AF_INET) {
    address[10] = address[11] = 0xff;
    std::copy_n(
        reinterpret_cast<const std::uint8_t*>(&reinterpret_cast<const sockaddr_in*>(from)->sin_addr),
        4,
        address.begin() + 12);
  }
  return address;
}

std::uint64_t affinity_of(const Request& request) {
  ngx_str_t argument = request.main->affinity_argument, value{};
  if (argument.len == 0) return 0;
  if (ngx_http_arg(request.request, argument.data, argument.len, &value) != NGX_OK) return 0;
  return table::hash(view(value), 0) | 1U;
}

ngx_int_t add_header(ngx_http_request_t* request, std::string_view name, std::string_view value) {
  auto* header = static_cast<ngx_table_elt_t*>(ngx_list_push(&request->headers_out.headers));
  if (header == nullptr) return NGX_ERROR;
  header->hash = 1;
  header->key = to_ngx(name);
  header->value = to_ngx(value);
  return NGX_OK;
}

struct Answer {
  ngx_uint_t status;
  std::string_view type;
  std::string_view body;  // copied
};

ngx_int_t send(ngx_http_request_t* request, const Answer& answer) {
  ngx_int_t result = ngx_http_discard_request_body(request);
  if (result != NGX_OK) return result;
  request->headers_out.status = answer.status;
  request->headers_out.content_type = to_ngx(answer.type);
  request->headers_out.content_type_len = answer.type.size();
  request->headers_out.content_length_n = static_cast<off_t>(answer.body.size());
  result = ngx_http_send_header(request);
  if (result == NGX_ERROR || result > NGX_OK || request->header_only != 0) return result;
  ngx_buf_t* buffer = ngx_create_temp_buf(request->pool, answer.body.size() + 1);
  if (buffer == nullptr) return NGX_HTTP_INTERNAL_SERVER_ERROR;
  buffer->last = ngx_cpymem(buffer->last, answer.body.data(), answer.body.size());
  buffer->last_buf = request == request->main ? 1 : 0;
  buffer->last_in_chain = 1;
  ngx_chain_t chain = {buffer, nullptr};
  return ngx_http_output_filter(request, &chain);
}

// The request is answered here and now.
ngx_int_t reply(ngx_http_request_t* request, const Answer& answer) {
  ngx_http_finalize_request(request, send(request, answer));
  return NGX_DONE;
}

std::string escaped(std::string_view text) {
  std::string out;
  for (const char c : text) {
    switch (c) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&quot;";
        break;
      case '\n':
        out += "<br>";
        break;
      default:
        out += c;
    }
  }
  return out;
}

bool wants_html(const ngx_http_request_t* request) {
  return header_of(request, "accept").find("text/html") != std::string_view::npos;
}

// HTML for browsers, text for everybody else.
ngx_int_t reply_maintenance(ngx_http_request_t* request, std::string message) {
  if (message.empty()) message = "This app is being maintained. Please try again later.";
  if (add_header(request, "Retry-After", "60") != NGX_OK ||
      add_header(request, "Cache-Control", "no-store") != NGX_OK)
    return NGX_HTTP_INTERNAL_SERVER_ERROR;
  if (!wants_html(request)) return reply(request, {503, "text/plain; charset=utf-8", message + "\n"});
  const std::string page =
      "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" "
      "content=\"width=device-width\">"
      "<title>Maintenance</title></head>\n<body style=\"font-family:sans-serif;max-width:40em;margin:20vh "
      "auto;padding:0 1em\">"
      "<h1>Maintenance</h1><p>" +
      escaped(message) + "</p></body></html>\n";
  return reply(request, {503, "text/html; charset=utf-8", page});
}

// NGX_DECLINED: not a challenge that we know.
ngx_int_t answer_challenge(ngx_http_request_t* request, Main& main) {
  const std::string_view token = view(request->uri).substr(kChallenge.size());
  std::string answer;
  const bool known = main.reader->text(table::Kind::challenge, token, [&](const table::Text& text) {
    if (text.head() == view(request->headers_in.server)) answer = text.tail();
  });
  if (!known || answer.empty()) return NGX_DECLINED;
  return reply(request, {200, "text/plain", answer});
}

// Whether its body came together with its head, as most do.
bool is_body_here(const ngx_http_request_t* request) {
  const ngx_buf_t* read = request->header_in;
  return request->stream == nullptr && request->headers_in.chunked == 0 &&
         read->last - read->pos >= request->headers_in.content_length_n;
}

void on_body(ngx_http_request_t* request) {
  Request& own = *Request::find(request);
  own.awaits_body = false;
  if (!own.is_parked) return;  // await_body() goes on
  own.is_parked = false;
  request->write_event_handler = ngx_http_core_run_phases;
  ngx_http_core_run_phases(request);  // comes to on_access() again
}

ngx_int_t start_app(ngx_http_request_t* request, Main& main);

// Whoever uploads may take minutes, and an endpoint that was taken before may be gone by then, and its
// address be another app's: nobody waits with an endpoint in his hands.
ngx_int_t await_body(Request& own) {
  ngx_http_request_t* request = own.request;
  const ngx_int_t result = ngx_http_read_client_request_body(request, on_body);
  if (result >= NGX_HTTP_SPECIAL_RESPONSE) return result;
  if (!own.awaits_body) {
    --request->main->count;  // of who waits
    return start_app(request, *own.main);
  }
  own.is_parked = true;
  ngx_http_finalize_request(request, NGX_DONE);
  return NGX_DONE;
}

// Once, or before and after the body when that takes its time.
ngx_int_t start_app(ngx_http_request_t* request, Main& main) {
  if (view(request->uri).starts_with(kChallenge)) {
    const ngx_int_t answered = answer_challenge(request, main);
    if (answered != NGX_DECLINED) return answered;
  }
  Request* own = Request::find(request);
  if (own == nullptr) {
    own = Request::make(request, &main);
    if (own == nullptr) return NGX_HTTP_INTERNAL_SERVER_ERROR;
    own->awaits_body = has_body(request) && !is_body_here(request);
  }
  std::string message;
  const table::Address client = client_of(request);
  take(*own, &client, message);
  switch (own->taken.verdict) {
    case Verdict::endpoint:
      return own->awaits_body ? await_body(*own) : NGX_OK;
    case Verdict::forbidden:
      return NGX_HTTP_FORBIDDEN;
    case Verdict::maintenance:
      return reply_maintenance(request, std::move(message));
    case Verdict::unknown:
      if (view(request->uri) != kHealthCheck) return NGX_HTTP_NOT_FOUND;
      own->is_health_check = true;
      return reply(request, {200, "text/plain", "OK\n"});
    case Verdict::no_endpoint:
    case Verdict::ignorant:
      break;
  }
  return NGX_HTTP_SERVICE_UNAVAILABLE;
}

ngx_int_t start_component(ngx_http_request_t* request, Main& main, std::string_view name) {
  Request* own = Request::make(request, &main);
  if (own == nullptr) return NGX_HTTP_INTERNAL_SERVER_ERROR;
  own->is_component = true;
  const bool known = main.reader->text(table::Kind::component, name, [&](const table::Text& text) {
    std::copy_n(
        text.tail().begin(),
        std::min(text.tail().size(), sizeof(table::Endpoint)),
        reinterpret_cast<char*>(&own->taken.endpoint));
  });
  own->taken.endpoint.slot = 0;
  return known ? NGX_OK : NGX_HTTP_SERVICE_UNAVAILABLE;
}

ngx_int_t answer_health(ngx_http_request_t* request, const Main& main) {
  if (!main.reader->is_ready()) return NGX_HTTP_SERVICE_UNAVAILABLE;
  return reply(request, {200, "text/plain", "OK\n"});
}

void finish_request(void* data) {
  static_cast<Request*>(data)->finish();
}

}  // namespace

std::string_view header_of(const ngx_http_request_t* request, std::string_view name) {
  std::string_view last;
  for (const ngx_list_part_t* part = &request->headers_in.headers.part; part != nullptr; part = part->next) {
    const auto* header = static_cast<const ngx_table_elt_t*>(part->elts);
    for (ngx_uint_t i = 0; i < part->nelts; ++i) {
      if (header[i].key.len != name.size()) continue;
      const std::string_view key{reinterpret_cast<const char*>(header[i].lowcase_key), header[i].key.len};
      if (key == name) last = view(header[i].value);
    }
  }
  return last;
}

// nginx knows us by the place of our context, which an internal redirect (to an error's page) clears; the
// clean-up of the request's memory still does.
Request* Request::find(ngx_http_request_t* request) {
  auto* own = static_cast<Request*>(ngx_http_get_module_ctx(request, ngx_http_deis_module));
  if (own != nullptr || request->internal == 0) return own;
  for (const ngx_pool_cleanup_t* cleanup = request->pool->cleanup; cleanup != nullptr;
       cleanup = cleanup->next) {
    if (cleanup->handler != finish_request) continue;
    own = static_cast<Request*>(cleanup->data);
    ngx_http_set_ctx(request, own, ngx_http_deis_module);
    break;
  }
  return own;
}

Request* Request::make(ngx_http_request_t* request, Main* main) {
  ngx_pool_cleanup_t* cleanup = ngx_pool_cleanup_add(request->pool, sizeof(Request));
  if (cleanup == nullptr) return nullptr;
  auto* own = new (cleanup->data) Request();
  own->request = request;
  own->main = main;
  cleanup->handler = finish_request;
  ngx_http_set_ctx(request, own, ngx_http_deis_module);
  return own;
}

void Request::finish() {
  if (is_component || is_health_check) return;
  const ngx_time_t* now = ngx_timeofday();
  const auto millis =
      (now->sec - request->start_sec) * 1000 + static_cast<ngx_msec_int_t>(now->msec - request->start_msec);
  table::TableReader::Outcome outcome;
  outcome.status =
      static_cast<int>(request->headers_out.status != 0 ? request->headers_out.status : request->err_status);
  outcome.reached = reached;
  outcome.failed = failed;
  outcome.bytes = static_cast<std::uint64_t>(request->connection->sent);
  outcome.millis = millis > 0 ? static_cast<std::uint64_t>(millis) : 0;
  main->reader->done(taken, outcome, static_cast<std::int64_t>(ngx_current_msec));
}

void take(Request& request, const table::Address* client, std::string& message) {
  table::Query query;
  query.host = view(request.request->headers_in.server);
  query.client = client;
  query.lists_enforced = request.main->lists_enforced;
  query.affinity = affinity_of(request);
  query.avoid = client == nullptr ? request.taken.endpoint.slot : 0;
  query.counted_on = request.taken.app_slot;
  query.needs_endpoint = !request.awaits_body;
  query.random = static_cast<std::uint32_t>(ngx_random());
  query.now_ms = static_cast<std::int64_t>(ngx_current_msec);
  request.taken = request.main->reader->take(query, message);
}

ngx_int_t on_access(ngx_http_request_t* request) {
  const auto* location = static_cast<Location*>(ngx_http_get_module_loc_conf(request, ngx_http_deis_module));
  if (location->is_app == 0 && location->is_health == 0 && location->component.len == 0) return NGX_DECLINED;
  try {
    Main& main = *main_of(request);
    if (location->is_health != 0) return answer_health(request, main);
    return location->is_app != 0 ? start_app(request, main)
                                 : start_component(request, main, view(location->component));
  } catch (const std::bad_alloc&) {
    return NGX_HTTP_INTERNAL_SERVER_ERROR;
  }
}

}  // namespace deis::router
