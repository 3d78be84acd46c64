#include "controller/api/serializers.h"

#include "core/json/json.h"
#include "core/json/writer.h"

#include <fmt/format.h>

namespace deis::controller::api {
namespace {

template <typename T>
void add_dates(json::object& body, const T& object) {
  body["created"] = format_utc(object.created);
  body["updated"] = format_utc(object.updated);
}

std::string state_of(bool ordering, int failures, bool has_certificate) {
  if (ordering) return "ordering";
  if (failures > 0) return "failing";
  return has_certificate ? "issued" : "waiting";
}

json::object renewal_of(const Renewal& renewal) {
  json::object body;
  body["app"] = renewal.app;
  body["state"] = state_of(renewal.ordering, renewal.failures, true);
  body["next_attempt"] = format_utc(renewal.next_attempt);
  body["last_error"] = renewal.last_error;
  return body;
}

}  // namespace

json::object to_json(const User& user) {
  json::object body;
  body["username"] = user.username.str();
  body["email"] = user.email;
  body["first_name"] = user.first_name;
  body["last_name"] = user.last_name;
  body["is_superuser"] = user.is_superuser;
  body["is_staff"] = user.is_superuser;
  body["is_active"] = user.is_active;
  body["groups"] = json::to_value(user.groups);
  body["user_permissions"] = json::array();
  body["last_login"] = format_iso_micros(user.last_login);
  body["date_joined"] = format_iso_micros(user.date_joined);
  return body;
}

json::object to_json(const ApiToken& token) {
  const auto moment = [](const std::optional<SystemTime>& time) {
    return time ? json::value(format_utc(*time)) : json::value(nullptr);
  };
  json::object body;
  body["id"] = token.id;
  body["name"] = token.name;
  body["scopes"] = json::to_value(token.scopes);
  body["apps"] = json::to_value(token.apps);
  body["created"] = format_utc(token.created);
  body["expires"] = moment(token.expires);
  body["last_used"] = moment(token.last_used);
  return body;
}

json::object to_json(const AuditRecord& record) {
  json::object body;
  body["id"] = record.id;
  body["time"] = format_utc(record.time);
  body["user"] = record.user;
  body["token"] = record.token;
  body["address"] = record.address;
  body["action"] = record.action;
  body["app"] = record.app;
  body["detail"] = record.detail;
  body["status"] = record.status;
  body["request_id"] = record.request;
  return body;
}

json::object to_json(const Key& key) {
  json::object body;
  body["uuid"] = key.uuid;
  body["owner"] = key.owner;
  body["id"] = key.id;
  body["public"] = key.public_key;
  body["fingerprint"] = key.fingerprint;
  add_dates(body, key);
  return body;
}

json::object to_json(const App& app, const std::string& platform_domain) {
  json::object body;
  body["uuid"] = app.uuid;
  body["id"] = app.id.str();
  body["owner"] = app.owner;
  body["url"] = app.id.str() + "." + platform_domain;
  body["structure"] = json::to_value(app.structure);
  add_dates(body, app);
  return body;
}

JsonText to_text(const App& app, const std::string& platform_domain) {
  JsonText body;
  json::ObjectWriter writer(body.text);
  writer.add("uuid", app.uuid);
  writer.add("id", app.id.str());
  writer.add("owner", app.owner);
  writer.add("url", app.id.str() + "." + platform_domain);
  writer.add("structure", app.structure);
  writer.add("created", format_utc(app.created));
  writer.add("updated", format_utc(app.updated));
  writer.end();
  return body;
}

json::object to_json(const Config& config) {
  json::object body;
  body["uuid"] = config.uuid;
  body["app"] = config.app;
  body["owner"] = config.owner;
  body["values"] = json::to_value(config.values);
  body["memory"] = json::to_value(config.memory);
  body["cpu"] = json::to_value(config.cpu);
  body["tags"] = json::to_value(config.tags);
  add_dates(body, config);
  return body;
}

json::object to_json(const Build& build) {
  json::object body;
  body["uuid"] = build.uuid;
  body["app"] = build.app;
  body["owner"] = build.owner;
  body["image"] = build.image;
  body["sha"] = build.sha;
  body["procfile"] = json::to_value(build.procfile);
  body["dockerfile"] = build.dockerfile;
  add_dates(body, build);
  return body;
}

json::object to_json(const Release& release) {
  json::object body;
  body["uuid"] = release.uuid;
  body["app"] = release.app;
  body["owner"] = release.owner;
  body["version"] = release.version;
  body["summary"] = release.summary;
  body["config"] = release.config_uuid;
  body["build"] = json::to_value(release.build_uuid);
  add_dates(body, release);
  return body;
}

json::object to_json(const Container& container, JobState state) {
  json::object body;
  body["uuid"] = container.uuid;
  body["app"] = container.app;
  body["owner"] = container.owner;
  body["release"] = fmt::format("v{}", container.release);
  body["type"] = container.type;
  body["num"] = container.num;
  body["state"] = name_of(state);
  add_dates(body, container);
  return body;
}

json::object to_json(const Push& push) {
  json::object body;
  body["uuid"] = push.uuid;
  body["app"] = push.app;
  body["owner"] = push.owner;
  body["sha"] = push.sha;
  body["fingerprint"] = push.fingerprint;
  body["receive_user"] = push.receive_user;
  body["receive_repo"] = push.receive_repo;
  body["ssh_connection"] = push.ssh_connection;
  body["ssh_original_command"] = push.ssh_original_command;
  add_dates(body, push);
  return body;
}

json::object to_json(const Domain& domain) {
  json::object body;
  body["app"] = domain.app;
  body["owner"] = domain.owner;
  body["domain"] = domain.domain;
  add_dates(body, domain);
  return body;
}

// Neither certificate nor key: they are write-only.
json::object to_json(const Cert& cert) {
  json::object body;
  body["id"] = cert.id;
  body["owner"] = cert.owner;
  body["common_name"] = cert.common_name;
  body["expires"] = format_utc(cert.expires);
  // v1.7 knows no such certificates.
  if (cert.extended) body["names"] = json::to_value(cert.names);
  if (cert.renewal) body["automatic"] = renewal_of(*cert.renewal);
  add_dates(body, cert);
  return body;
}

json::object to_json(const AutoCert& cert) {
  const auto time = [](const std::optional<SystemTime>& at) {
    return at ? json::value(format_utc(*at)) : json::value();
  };
  json::object body;
  body["domain"] = cert.domain;
  body["app"] = cert.app;
  body["owner"] = cert.requested_by;
  body["state"] = state_of(cert.ordering, cert.failures, cert.expires.has_value());
  body["expires"] = time(cert.expires);
  body["created"] = format_utc(cert.created);
  body["last_attempt"] = time(cert.last_attempt);
  body["next_attempt"] = format_utc(cert.next_attempt);
  body["failures"] = cert.failures;
  body["last_error"] = cert.last_error;
  return body;
}

}  // namespace deis::controller::api
