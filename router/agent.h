#pragma once
// The agent keeps the routing table equal to etcd and tells the controller, through its announcement, up to
// which revision it is: all of nginx's workers use a change from the moment it is written. Loop thread only.

#include "core/base/log.h"
#include "core/component/metrics.h"
#include "core/etcd/mirror.h"
#include "core/etcd/session.h"
#include "router/nginx_control.h"
#include "router/routing_table.h"
#include "router/table/writer.h"

namespace deis::router {

class Agent {
 public:
  struct Identity {
    std::string announce_key;   // /deis/router/hosts/<id>
    std::string admin_address;  // http://127.0.0.1:8008
  };
  Agent(
      Executor executor,
      etcd::Client& etcd,
      etcd::Session& session,
      NginxControl& nginx,
      table::TableWriter& table,
      Identity identity,
      component::Metrics& metrics,
      Log log);

  Task<> follow_etcd();                  // two parts of the daemon: one writes changes,
  Task<> tend();                         // the other looks after nginx and what its workers have left
  void take(const ContainerNews& news);  // before etcd was read it is of no use, and forgotten
  Task<> wait_until_read();
  std::string not_ready() const;  // "" when nginx serves a table that was equal to etcd once
  bool has_read() const { return relevant_ != 0; }  // whether wanted() is the whole of etcd
  const RoutingTable& wanted() const { return wanted_; }
  bool has_certificates() const { return wanted_.has_certificates(); }  // whether some domain has one
  // Of what nginx's configuration follows: the builder, and whether there is a certificate.
  net::Event& builder_changed() { return builder_changed_; }

 private:
  Task<> take(const etcd::MirrorUpdate& update);
  void write();
  void announce();
  Task<> look_at_nginx();
  void note_nginx(const std::string& miss);

  etcd::Session& session_;
  NginxControl& nginx_;
  table::TableWriter& table_;
  Identity identity_;
  component::Metrics& metrics_;
  Log log_;
  etcd::Mirror mirror_;
  net::Event builder_changed_, was_read_;
  RoutingTable wanted_;
  etcd::Revision relevant_ = 0;   // revision of the newest change that matters
  etcd::Revision applied_ = 0;    // what the table is equal to
  etcd::Revision announced_ = 0;  // 0: not announced
  std::string table_problem_;     // why the table is not equal to etcd
  std::string nginx_problem_;     // why nginx does not serve
  int misses_ = 0;                // looks at nginx in a row that it has not answered
};

}  // namespace deis::router
