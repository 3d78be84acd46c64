#include "core/component/router_values.h"

#include "core/base/text.h"
#include "core/component/setting_rule.h"
#include "core/component/tls_material.h"

#include <algorithm>
#include <array>

namespace deis::component {
namespace {

using Read = std::optional<std::string>;

Read one_of(const std::string& value, std::initializer_list<std::string_view> words) {
  return std::ranges::find(words, value) == words.end() ? std::nullopt : Read(value);
}

Read if_good(const std::string& value, bool good) {
  return good ? Read(value) : std::nullopt;
}

bool only_of(std::string_view text, std::string_view punctuation) {
  return std::ranges::all_of(text, [&](char c) {
    const bool alphanumeric = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    return alphanumeric || punctuation.find(c) != std::string_view::npos;
  });
}

// Words with blanks or commas between them, as nginx wants them.
std::vector<std::string> words_of(const std::string& value) {
  std::string blanks = value;
  std::ranges::replace(blanks, ',', ' ');
  std::vector<std::string> words;
  for (const auto word : split(blanks, ' ')) {
    if (!word.empty()) words.emplace_back(word);
  }
  return words;
}

}  // namespace

Read read_worker_processes(const std::string& value) {
  return value == "auto" ? Read(value) : read_number(value, 1, 64);
}

Read read_off(const std::string& value) {
  return read_switch(value) == "off" ? Read("off") : std::nullopt;
}

Read read_log_level(const std::string& value) {
  return one_of(value, {"debug", "info", "notice", "warn", "error", "crit", "alert", "emerg"});
}

Read read_access_log(const std::string& value) {
  return one_of(value, {"file", "stdout"});
}

Read read_hash_bucket(const std::string& value) {
  return one_of(value, {"32", "64", "128", "256", "512"});
}

Read read_http_version(const std::string& value) {
  return one_of(value, {"1.0", "1.1"});
}

// Quotes around it belong to nginx's notation; the value goes between some.
Read read_user_agents(const std::string& value) {
  const bool quoted = value.size() >= 2 && value.front() == '"' && value.back() == '"';
  const std::string agents = quoted ? value.substr(1, value.size() - 2) : value;
  return if_good(agents, !agents.empty() && agents.size() <= 200 && only_of(agents, " ._-/()[]|?*+^,"));
}

Read read_gzip_proxied(const std::string& value) {
  const auto words = words_of(value);
  static constexpr std::array kWords{
      "off", "expired", "no-cache", "no-store", "private", "no_last_modified", "no_etag", "auth", "any"};
  const bool good = !words.empty() && std::ranges::all_of(words, [](const std::string& word) {
    return std::ranges::find(kWords, word) != kWords.end();
  });
  return if_good(join(words, " "), good);
}

Read read_media_types(const std::string& value) {
  const auto words = words_of(value);
  const bool good = !words.empty() && words.size() <= 64 && std::ranges::all_of(words, [](const auto& word) {
    return word.size() <= 100 && only_of(word, "/.+-") && std::ranges::count(word, '/') == 1 &&
           word.front() != '/' && word.back() != '/';
  });
  return if_good(join(words, " "), good || value == "*");
}

Read read_protocols(const std::string& value) {
  const auto words = words_of(value);
  const bool good = !words.empty() && std::ranges::all_of(words, [](const std::string& word) {
    return one_of(word, {"TLSv1", "TLSv1.1", "TLSv1.2", "TLSv1.3"}).has_value();
  });
  return if_good(join(words, " "), good);
}

Read read_ciphers(const std::string& value) {
  return if_good(value, value.size() <= 2000 && only_of(value, ":+-!@=_.,") && is_cipher_list(value));
}

Read read_session_cache(const std::string& value) {
  if (value == "off" || value == "none") return value;
  const auto parts = split(value, ':');
  if (parts.size() != 3 || parts[0] != "shared" || parts[1].empty() || !only_of(parts[1], "_-")) return {};
  const std::string size(parts[2]);
  return if_good(
      value, parts[1].size() <= 32 && read_size(size) && size.front() >= '1' && size.back() == 'm');
}

Read read_buffer_size(const std::string& value) {
  if (!value.ends_with('k')) return {};
  return read_number(value.substr(0, value.size() - 1), 1, 16) ? Read(value) : std::nullopt;
}

Read read_chain(const std::string& value) {
  return if_good(value, is_certificate_chain(value));
}

Read read_key(const std::string& value) {
  return if_good(value, is_private_key(value));
}

Read read_dh(const std::string& value) {
  return if_good(value, is_dh_parameters(value));
}

Read read_argument(const std::string& value) {
  return if_good(value, !value.empty() && value.size() <= 64 && only_of(value, "_-."));
}

Read read_milliseconds(const std::string& value) {
  const auto number = read_number(value, 1, 7L * 24 * 3600 * 1000);
  return number ? Read(*number + "ms") : std::nullopt;
}

}  // namespace deis::component
