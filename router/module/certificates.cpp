#include "router/module/certificates.h"

#include "router/module/module.h"

extern "C" {
#include <ngx_http_ssl_module.h>
}

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/pem.h>

#include <algorithm>
#include <exception>
#include <vector>

namespace deis::router {
namespace {

struct Free {
  void operator()(X509* certificate) const { X509_free(certificate); }
  void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
  void operator()(BIO* bio) const { BIO_free(bio); }
};
using Certificate = std::unique_ptr<X509, Free>;
using Key = std::unique_ptr<EVP_PKEY, Free>;
using Bio = std::unique_ptr<BIO, Free>;

Bio bio_of(const std::string& text) {
  return Bio(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
}

}  // namespace

struct CertificateCache::Entry {
  std::string name;
  std::uint64_t serial = 0;
  std::vector<Certificate> chain;  // the host's own first
  Key key;
  std::string problem;  // "": usable

  void parse(const std::string& certificates, const std::string& private_key) {
    const Bio from = bio_of(certificates);
    while (X509* certificate = PEM_read_bio_X509(from.get(), nullptr, nullptr, nullptr))
      chain.emplace_back(certificate);
    const Bio key_from = bio_of(private_key);
    key.reset(PEM_read_bio_PrivateKey(key_from.get(), nullptr, nullptr, nullptr));
    if (chain.empty()) {
      problem = "its certificate cannot be read";
    } else if (!key) {
      problem = "its key cannot be read";
    } else if (X509_check_private_key(chain.front().get(), key.get()) != 1) {
      problem = "its key does not belong to its certificate";
    }
    ERR_clear_error();
  }

  bool give(SSL* connection) const {
    SSL_certs_clear(connection);
    if (SSL_use_certificate(connection, chain.front().get()) != 1) return false;
    for (std::size_t i = 1; i < chain.size(); ++i)
      if (SSL_add1_chain_cert(connection, chain[i].get()) != 1) return false;
    return SSL_use_PrivateKey(connection, key.get()) == 1;
  }
};

// nullptr when the table has no certificate of that name.
std::shared_ptr<const CertificateCache::Entry> CertificateCache::find(
    table::TableReader& reader, const std::string& name) {
  const auto known = by_name_.find(name);
  std::string certificates, key;
  std::uint64_t serial = 0;
  reader.text(table::Kind::certificate, name, [&](const table::Text& text) {
    serial = text.serial;
    if (known != by_name_.end() && (*known->second)->serial == serial) return;
    certificates = text.head();
    key = text.tail();
  });
  if (known != by_name_.end() && (*known->second)->serial == serial) {
    entries_.splice(entries_.begin(), entries_, known->second);
    return entries_.front();
  }
  if (known != by_name_.end()) {
    entries_.erase(known->second);
    by_name_.erase(known);
  }
  if (serial == 0) return nullptr;
  auto entry = std::make_shared<Entry>();
  entry->name = name;
  entry->serial = serial;
  entry->parse(certificates, key);
  OPENSSL_cleanse(key.data(), key.size());
  entries_.push_front(entry);
  by_name_[name] = entries_.begin();
  if (entries_.size() > kMost) {
    by_name_.erase(entries_.back()->name);
    entries_.pop_back();
  }
  return entry;
}

bool CertificateCache::use(
    SSL* connection, table::TableReader& reader, const std::string& host, std::string& problem) {
  const auto dot = host.find('.');
  const std::string wildcard = dot == std::string::npos ? "" : "*" + host.substr(dot);
  for (const std::string& name : {host, wildcard}) {
    const auto entry = name.empty() ? nullptr : find(reader, name);
    if (!entry) continue;
    problem = entry->problem;
    if (problem.empty() && entry->give(connection)) return true;
    if (problem.empty()) problem = "TLS refuses it";
    ERR_clear_error();
  }
  return false;
}

namespace {

// Called by TLS once the client has named the host. 1: go on, with the server's own certificate when the
// table has none.
int on_certificate(SSL* connection, void* data) {
  auto& main = *static_cast<Main*>(data);
  const char* named = SSL_get_servername(connection, TLSEXT_NAMETYPE_host_name);
  if (named == nullptr) return 1;
  try {
    std::string host(named), problem;
    std::transform(
        host.begin(), host.end(), host.begin(), [](char c) { return c >= 'A' && c <= 'Z' ? c + 32 : c; });
    main.certificates->use(connection, *main.reader, host, problem);
    if (!problem.empty()) {
      const ngx_str_t name = to_ngx(host);
      ngx_log_error(
          NGX_LOG_ERR,
          ngx_cycle->log,
          0,
          "certificate for \"%V\" cannot be used: %s",
          &name,
          problem.c_str());
    }
  } catch (const std::exception&) {
    return 0;
  }
  return 1;
}

}  // namespace

void use_certificates(ngx_conf_t* conf, Main* main) {
  auto* core =
      static_cast<ngx_http_core_main_conf_t*>(ngx_http_conf_get_module_main_conf(conf, ngx_http_core_module));
  auto** servers = static_cast<ngx_http_core_srv_conf_t**>(core->servers.elts);
  for (ngx_uint_t i = 0; i < core->servers.nelts; ++i) {
    const auto* server = static_cast<Server*>(servers[i]->ctx->srv_conf[ngx_http_deis_module.ctx_index]);
    auto* tls =
        static_cast<ngx_http_ssl_srv_conf_t*>(servers[i]->ctx->srv_conf[ngx_http_ssl_module.ctx_index]);
    if (server->certificates != 0 && tls->ssl.ctx != nullptr)
      SSL_CTX_set_cert_cb(tls->ssl.ctx, on_certificate, main);
  }
}

}  // namespace deis::router
