// What nginx calls the module by: configuration and the life of a cycle.

#include "router/module/module.h"

#include "router/module/certificates.h"

#include <cstdlib>
#include <exception>
#include <new>
#include <random>

namespace deis::router {
namespace {

constexpr const char* kInherited = "DEIS_ROUTES_FD";

void end_main(void* data) {
  auto* main = static_cast<Main*>(data);
  delete main->certificates;
  delete main->reader;
}

void* create_main(ngx_conf_t* conf) {
  void* memory = ngx_pcalloc(conf->pool, sizeof(Main));
  ngx_pool_cleanup_t* cleanup = ngx_pool_cleanup_add(conf->pool, 0);
  if (memory == nullptr || cleanup == nullptr) return nullptr;
  auto* main = new (memory) Main();
  cleanup->handler = end_main;
  cleanup->data = main;
  return main;
}

void* create_server(ngx_conf_t* conf) {
  auto* server = static_cast<Server*>(ngx_pcalloc(conf->pool, sizeof(Server)));
  if (server != nullptr) server->certificates = NGX_CONF_UNSET;
  return server;
}

char* merge_server(ngx_conf_t*, void* parent, void* child) {
  auto* above = static_cast<Server*>(parent);
  auto* own = static_cast<Server*>(child);
  ngx_conf_merge_value(own->certificates, above->certificates, 0);
  return NGX_CONF_OK;
}

void* create_location(ngx_conf_t* conf) {
  return ngx_pcalloc(conf->pool, sizeof(Location));
}

// The table is inherited from the supervisor: it outlives nginx and the agent, each of which may be started
// again.
const char* open_table(Main& main) {
  const char* inherited = std::getenv(kInherited);
  if (inherited == nullptr)
    return "DEIS_ROUTES_FD is not set: nginx has to be started by deis-router supervise";
  try {
    main.reader = new table::TableReader(table::Segment::attach(std::atoi(inherited)));
    main.certificates = new CertificateCache();
  } catch (const std::exception&) {
    return "DEIS_ROUTES_FD is not the memory of a routing table";
  }
  return main.reader->is_table() ? nullptr : "DEIS_ROUTES_FD is a routing table of another version";
}

ngx_int_t after_configuration(ngx_conf_t* conf) {
  auto* main = static_cast<Main*>(ngx_http_conf_get_module_main_conf(conf, ngx_http_deis_module));
  if (const char* problem = open_table(*main)) {
    ngx_conf_log_error(NGX_LOG_EMERG, conf, 0, "%s", problem);
    return NGX_ERROR;
  }
  auto* core =
      static_cast<ngx_http_core_main_conf_t*>(ngx_http_conf_get_module_main_conf(conf, ngx_http_core_module));
  auto* handler =
      static_cast<ngx_http_handler_pt*>(ngx_array_push(&core->phases[NGX_HTTP_ACCESS_PHASE].handlers));
  if (handler == nullptr) return NGX_ERROR;
  *handler = on_access;
  use_certificates(conf, main);
  return NGX_OK;
}

ngx_int_t start_worker(ngx_cycle_t* cycle) {
  auto* main = static_cast<Main*>(ngx_http_cycle_get_module_main_conf(cycle, ngx_http_deis_module));
  if (main == nullptr) return NGX_OK;
  if (!main->reader->claim(ngx_pid)) {
    ngx_log_error(NGX_LOG_EMERG, cycle->log, 0, "more workers use the routing table than it has places for");
    return NGX_ERROR;
  }
  std::random_device random;
  main->request_prefix = random();
  return NGX_OK;
}

// --- directives -------------------------------------------------------------------------------------

char* set_app(ngx_conf_t*, ngx_command_t*, void* data) {
  static_cast<Location*>(data)->is_app = 1;
  return NGX_CONF_OK;
}

char* set_health(ngx_conf_t*, ngx_command_t*, void* data) {
  static_cast<Location*>(data)->is_health = 1;
  return NGX_CONF_OK;
}

char* set_enforce_lists(ngx_conf_t*, ngx_command_t*, void* data) {
  static_cast<Main*>(data)->lists_enforced = true;
  return NGX_CONF_OK;
}

char* set_balance(ngx_conf_t* conf, ngx_command_t*, void*) {
  auto* upstream = static_cast<ngx_http_upstream_srv_conf_t*>(
      ngx_http_conf_get_module_srv_conf(conf, ngx_http_upstream_module));
  upstream->peer.init_upstream = init_balancer;
  upstream->flags = NGX_HTTP_UPSTREAM_CREATE;
  return NGX_CONF_OK;
}

ngx_command_t commands[] = {
    {ngx_string("deis_app"),
     NGX_HTTP_LOC_CONF | NGX_CONF_NOARGS,
     set_app,
     NGX_HTTP_LOC_CONF_OFFSET,
     0,
     nullptr},
    {ngx_string("deis_health"),
     NGX_HTTP_LOC_CONF | NGX_CONF_NOARGS,
     set_health,
     NGX_HTTP_LOC_CONF_OFFSET,
     0,
     nullptr},
    {ngx_string("deis_component"),
     NGX_HTTP_LOC_CONF | NGX_CONF_TAKE1,
     ngx_conf_set_str_slot,
     NGX_HTTP_LOC_CONF_OFFSET,
     offsetof(Location, component),
     nullptr},
    {ngx_string("deis_balance"), NGX_HTTP_UPS_CONF | NGX_CONF_NOARGS, set_balance, 0, 0, nullptr},
    {ngx_string("deis_certificates"),
     NGX_HTTP_SRV_CONF | NGX_CONF_FLAG,
     ngx_conf_set_flag_slot,
     NGX_HTTP_SRV_CONF_OFFSET,
     offsetof(Server, certificates),
     nullptr},
    {ngx_string("deis_enforce_lists"),
     NGX_HTTP_MAIN_CONF | NGX_CONF_NOARGS,
     set_enforce_lists,
     NGX_HTTP_MAIN_CONF_OFFSET,
     0,
     nullptr},
    {ngx_string("deis_affinity_argument"),
     NGX_HTTP_MAIN_CONF | NGX_CONF_TAKE1,
     ngx_conf_set_str_slot,
     NGX_HTTP_MAIN_CONF_OFFSET,
     offsetof(Main, affinity_argument),
     nullptr},
    ngx_null_command};

ngx_http_module_t context = {
    add_variables,
    after_configuration,
    create_main,
    nullptr,
    create_server,
    merge_server,
    create_location,
    nullptr};

}  // namespace

Main* main_of(const ngx_http_request_t* request) {
  return static_cast<Main*>(ngx_http_get_module_main_conf(request, ngx_http_deis_module));
}

}  // namespace deis::router

extern "C" {

ngx_module_t ngx_http_deis_module = {
    NGX_MODULE_V1,
    &deis::router::context,
    deis::router::commands,
    NGX_HTTP_MODULE,
    nullptr,
    nullptr,
    deis::router::start_worker,
    nullptr,
    nullptr,
    nullptr,
    nullptr,
    NGX_MODULE_V1_PADDING};

// How load_module finds what is in the file.
ngx_module_t* ngx_modules[] = {&ngx_http_deis_module, nullptr};
char* ngx_module_names[] = {const_cast<char*>("ngx_http_deis_module"), nullptr};
char* ngx_module_order[] = {nullptr};
}
