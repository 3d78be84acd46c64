#pragma once
// How values of the router's settings are read: each returns the value in the form that nginx's configuration
// wants, or nothing when it breaks the rule that its row in router_settings.cpp tells.

#include <optional>
#include <string>

namespace deis::component {

std::optional<std::string> read_worker_processes(const std::string& value);
std::optional<std::string> read_off(const std::string& value);
std::optional<std::string> read_log_level(const std::string& value);
std::optional<std::string> read_access_log(const std::string& value);
std::optional<std::string> read_hash_bucket(const std::string& value);
std::optional<std::string> read_http_version(const std::string& value);
std::optional<std::string> read_user_agents(const std::string& value);
std::optional<std::string> read_gzip_proxied(const std::string& value);
std::optional<std::string> read_media_types(const std::string& value);
std::optional<std::string> read_protocols(const std::string& value);
std::optional<std::string> read_ciphers(const std::string& value);
std::optional<std::string> read_session_cache(const std::string& value);
std::optional<std::string> read_buffer_size(const std::string& value);
std::optional<std::string> read_chain(const std::string& value);
std::optional<std::string> read_key(const std::string& value);
std::optional<std::string> read_dh(const std::string& value);
std::optional<std::string> read_argument(const std::string& value);
std::optional<std::string> read_milliseconds(const std::string& value);

}  // namespace deis::component
