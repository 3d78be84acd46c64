#include "controller/domain/ldap_connection.h"

#include "core/base/error.h"

#include <fmt/format.h>

#include <algorithm>
#include <ldap.h>
#include <sys/time.h>

namespace deis::controller {
namespace {

bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

std::string text_of(const berval& value) {
  return {value.bv_val, static_cast<std::size_t>(value.bv_len)};
}

}  // namespace

std::string ldap_escape(std::string_view value) {
  std::string escaped;
  for (const char c : value) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '*' || c == '(' || c == ')' || c == '\\' || byte < 0x20 || byte >= 0x7f) {
      escaped += fmt::format("\\{:02x}", byte);
    } else {
      escaped += c;
    }
  }
  return escaped;
}

bool is_ldap_attribute(std::string_view text) {
  if (text.empty() || text.size() > 128 || !is_letter(text.front())) return false;
  return std::ranges::all_of(text, [](char c) {
    return is_letter(c) || (c >= '0' && c <= '9') || c == '-' || c == '.' || c == ';';
  });
}

std::string LdapEntry::first(const std::string& attribute) const {
  const auto found = attributes.find(attribute);
  return found == attributes.end() || found->second.empty() ? "" : found->second.front();
}

void LdapConnection::Unbind::operator()(LDAP* connection) const {
  ldap_unbind_ext(connection, nullptr, nullptr);
}

void LdapConnection::FreeMessage::operator()(LDAPMessage* message) const {
  ldap_msgfree(message);
}

LdapConnection::LdapConnection(const std::string& endpoint, Deadline deadline)
    : endpoint_(endpoint), deadline_(deadline) {
  LDAP* raw = nullptr;
  const int failed = ldap_initialize(&raw, endpoint.c_str());
  if (failed != LDAP_SUCCESS)
    throw Error(
        ErrorCode::unavailable, fmt::format("'{}' is no LDAP server: {}", endpoint, ldap_err2string(failed)));
  connection_.reset(raw);
  const int version = LDAP_VERSION3, no_check = LDAP_OPT_X_TLS_NEVER, client = 0;
  const timeval limit = remaining();
  ldap_set_option(raw, LDAP_OPT_PROTOCOL_VERSION, &version);
  ldap_set_option(raw, LDAP_OPT_REFERRALS, LDAP_OPT_OFF);
  ldap_set_option(raw, LDAP_OPT_NETWORK_TIMEOUT, &limit);  // connecting and the TLS handshake
  ldap_set_option(raw, LDAP_OPT_TIMEOUT, &limit);
  // Company directories rarely have a certificate that anybody else knows (contract §6.3).
  ldap_set_option(raw, LDAP_OPT_X_TLS_REQUIRE_CERT, &no_check);
  ldap_set_option(raw, LDAP_OPT_X_TLS_NEWCTX, &client);
}

timeval LdapConnection::remaining() const {
  const auto left =
      std::chrono::duration_cast<std::chrono::microseconds>(deadline_ - std::chrono::steady_clock::now());
  const auto micros = std::max<std::int64_t>(1000, left.count());
  return {.tv_sec = micros / 1'000'000, .tv_usec = micros % 1'000'000};
}

LdapConnection::Message LdapConnection::wait_for(int id) {
  timeval limit = remaining();
  LDAPMessage* raw = nullptr;
  const int kind = ldap_result(connection_.get(), id, LDAP_MSG_ALL, &limit, &raw);
  Message message(raw);
  if (kind == 0) {
    ldap_abandon_ext(connection_.get(), id, nullptr, nullptr);
    throw Error(ErrorCode::timeout, endpoint_ + " did not answer in time");
  }
  if (kind < 0) {
    int code = LDAP_OTHER;
    ldap_get_option(connection_.get(), LDAP_OPT_RESULT_CODE, &code);
    throw Error(ErrorCode::unavailable, fmt::format("lost {}: {}", endpoint_, ldap_err2string(code)));
  }
  return message;
}

int LdapConnection::code_of(const Message& message) {
  int code = LDAP_OTHER;
  const int failed =
      ldap_parse_result(connection_.get(), message.get(), &code, nullptr, nullptr, nullptr, nullptr, 0);
  return failed == LDAP_SUCCESS ? code : failed;
}

bool LdapConnection::bind(const std::string& dn, const std::string& password) {
  std::string secret = password;
  berval credentials{.bv_len = secret.size(), .bv_val = secret.data()};
  int id = 0;
  const int sent =
      ldap_sasl_bind(connection_.get(), dn.c_str(), LDAP_SASL_SIMPLE, &credentials, nullptr, nullptr, &id);
  if (sent == LDAP_TIMEOUT || sent == LDAP_CONNECT_ERROR || sent == LDAP_SERVER_DOWN)
    throw Error(ErrorCode::unavailable, fmt::format("cannot reach {}: {}", endpoint_, ldap_err2string(sent)));
  if (sent != LDAP_SUCCESS)
    throw Error(ErrorCode::unavailable, fmt::format("cannot ask {}: {}", endpoint_, ldap_err2string(sent)));
  const int code = code_of(wait_for(id));
  switch (code) {
    case LDAP_SUCCESS:
      return true;
    case LDAP_INVALID_CREDENTIALS:
    case LDAP_INAPPROPRIATE_AUTH:
    case LDAP_INSUFFICIENT_ACCESS:
    case LDAP_NO_SUCH_OBJECT:
    case LDAP_UNWILLING_TO_PERFORM:
    case LDAP_CONSTRAINT_VIOLATION:
      return false;  // this account, with this password, not now
    default:
      throw Error(
          ErrorCode::unavailable,
          fmt::format("{} does not log anybody in: {}", endpoint_, ldap_err2string(code)));
  }
}

LdapEntry LdapConnection::read_entry(LDAPMessage* message, const std::vector<std::string>& attributes) {
  LdapEntry entry;
  if (char* dn = ldap_get_dn(connection_.get(), message)) {
    entry.dn = dn;
    ldap_memfree(dn);
  }
  for (const auto& name : attributes) {
    berval** values = ldap_get_values_len(connection_.get(), message, name.c_str());
    if (!values) continue;
    for (berval** value = values; *value; ++value) entry.attributes[name].push_back(text_of(**value));
    ldap_value_free_len(values);
  }
  return entry;
}

std::optional<std::vector<LdapEntry>> LdapConnection::search(
    const std::string& base,
    const std::string& filter,
    const std::vector<std::string>& attributes,
    int limit) {
  std::vector<char*> names;
  for (const auto& name : attributes) names.push_back(const_cast<char*>(name.c_str()));
  names.push_back(nullptr);
  timeval time = remaining();
  int id = 0;
  const int sent = ldap_search_ext(
      connection_.get(),
      base.c_str(),
      LDAP_SCOPE_SUBTREE,
      filter.c_str(),
      names.data(),
      0,
      nullptr,
      nullptr,
      &time,
      limit,
      &id);
  if (sent != LDAP_SUCCESS)
    throw Error(
        ErrorCode::unavailable,
        fmt::format("cannot search {} for {}: {}", endpoint_, filter, ldap_err2string(sent)));
  const Message message = wait_for(id);
  const int code = code_of(message);
  if (code == LDAP_SIZELIMIT_EXCEEDED) return std::nullopt;
  if (code != LDAP_SUCCESS)
    throw Error(
        ErrorCode::unavailable,
        fmt::format("{} does not search below '{}': {}", endpoint_, base, ldap_err2string(code)));
  std::vector<LdapEntry> entries;
  for (LDAPMessage* at = ldap_first_entry(connection_.get(), message.get()); at;
       at = ldap_next_entry(connection_.get(), at))
    entries.push_back(read_entry(at, attributes));
  return entries;
}

}  // namespace deis::controller
