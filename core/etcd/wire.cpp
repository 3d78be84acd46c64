#include "core/etcd/wire.h"

#include "core/base/error.h"
#include "core/base/text.h"
#include "core/json/json.h"

#include <algorithm>

namespace deis::etcd::wire {
namespace {

// ---- what etcd answers, member by member
// -----------------------------------------------------------------------------

struct Header {
  std::string revision;
};
BOOST_DESCRIBE_STRUCT(Header, (), (revision))

struct WireEntry {
  std::string key, value, create_revision, mod_revision, lease;
};
BOOST_DESCRIBE_STRUCT(WireEntry, (), (key, value, create_revision, mod_revision, lease))

struct Answer {  // the union of all unary answers
  Header header;
  std::vector<WireEntry> kvs;
  bool more = false;
  std::string deleted;
  bool succeeded = false;
  std::string ID, TTL;
  std::vector<std::string> keys;
};
BOOST_DESCRIBE_STRUCT(Answer, (), (header, kvs, more, deleted, succeeded, ID, TTL, keys))

struct Failure {
  std::string error, message;
  int code = 0, grpc_code = 0;
};
BOOST_DESCRIBE_STRUCT(Failure, (), (error, message, code, grpc_code))

struct KeepAlive {
  std::optional<Answer> result;
};
BOOST_DESCRIBE_STRUCT(KeepAlive, (), (result))

struct WireEvent {
  std::string type;  // left out for a put
  WireEntry kv;
};
BOOST_DESCRIBE_STRUCT(WireEvent, (), (type, kv))

struct WatchResult {
  Header header;
  bool created = false, canceled = false;
  std::string compact_revision, cancel_reason;
  std::vector<WireEvent> events;
};
BOOST_DESCRIBE_STRUCT(WatchResult, (), (header, created, canceled, compact_revision, cancel_reason, events))

struct WatchLine {
  std::optional<WatchResult> result;
  std::optional<Failure> error;
};
BOOST_DESCRIBE_STRUCT(WatchLine, (), (result, error))

// ---- reading
// ---------------------------------------------------------------------------------------------------------

template <typename T>
T read(std::string_view text) {
  try {
    return json::from<T>(json::parse(text));
  } catch (const Error& error) {
    throw with_context("etcd's answer", error);
  }
}

std::int64_t number(std::string_view text) {
  if (text.empty()) return 0;
  const auto value = parse_int(text);
  if (!value) throw Error(ErrorCode::invalid, "etcd's answer: '" + std::string(text) + "' is not a number");
  return *value;
}

std::string bytes(std::string_view text) {
  auto decoded = base64_decode(text);
  if (!decoded) throw Error(ErrorCode::invalid, "etcd's answer: a key or value is not base64");
  return *std::move(decoded);
}

KeyValue to_key_value(const WireEntry& entry) {
  return KeyValue{
      .key = bytes(entry.key),
      .value = bytes(entry.value),
      .create_revision = number(entry.create_revision),
      .mod_revision = number(entry.mod_revision),
      .lease = number(entry.lease)};
}

// ---- writing
// ---------------------------------------------------------------------------------------------------------

json::object key_object(std::string_view key) {
  return {{"key", base64_encode(key)}};
}

// The first key behind all those with `prefix`; "\0" means the end of the key space.
std::string end_of(std::string_view prefix) {
  std::string end(prefix);
  while (!end.empty() && end.back() == '\xff') end.pop_back();
  if (end.empty()) return std::string(1, '\0');
  end.back() = static_cast<char>(static_cast<unsigned char>(end.back()) + 1);
  return end;
}

json::object prefix_object(std::string_view prefix) {
  const std::string first = prefix.empty() ? std::string(1, '\0') : std::string(prefix);
  json::object object = key_object(first);
  object["range_end"] = base64_encode(end_of(prefix));
  return object;
}

json::object put_object(std::string_view key, std::string_view value, LeaseId lease) {
  json::object object = key_object(key);
  object["value"] = base64_encode(value);
  if (lease != 0) object["lease"] = std::to_string(lease);
  return object;
}

json::object to_wire(const Compare& compare) {
  json::object object = key_object(compare.key);
  object["result"] = "EQUAL";
  switch (compare.target) {
    case Compare::Target::create_revision:
      object["target"] = "CREATE";
      object["create_revision"] = std::to_string(compare.number);
      break;
    case Compare::Target::mod_revision:
      object["target"] = "MOD";
      object["mod_revision"] = std::to_string(compare.number);
      break;
    case Compare::Target::value:
      object["target"] = "VALUE";
      object["value"] = base64_encode(compare.value);
      break;
  }
  return object;
}

json::array to_wire(const std::vector<Operation>& operations) {
  json::array array;
  for (const auto& operation : operations) {
    json::object object;
    switch (operation.kind) {
      case Operation::Kind::put:
        object["request_put"] = put_object(operation.key, operation.value, operation.lease);
        break;
      case Operation::Kind::erase:
        object["request_delete_range"] = key_object(operation.key);
        break;
      case Operation::Kind::erase_prefix:
        object["request_delete_range"] = prefix_object(operation.key);
        break;
    }
    array.push_back(std::move(object));
  }
  return array;
}

// gRPC's status codes, as far as they call for different reactions.
ErrorCode meaning_of(int grpc_code) {
  switch (grpc_code) {
    case 3:
      return ErrorCode::invalid;
    case 5:
      return ErrorCode::not_found;  // "requested lease not found"
    case 7:
      return ErrorCode::forbidden;
    case 11:
      return ErrorCode::conflict;  // compacted
    case 16:
      return ErrorCode::unauthenticated;
    default:
      return ErrorCode::unavailable;  // no leader, no space, overloaded: may pass
  }
}

}  // namespace

std::string put(std::string_view key, std::string_view value, LeaseId lease) {
  return json::to_text(put_object(key, value, lease));
}

std::string one_key(std::string_view key) {
  return json::to_text(key_object(key));
}

std::string key_prefix(std::string_view prefix) {
  return json::to_text(prefix_object(prefix));
}

std::string page(std::string_view prefix, std::string_view last, Revision at, std::size_t limit) {
  json::object object = prefix_object(prefix);
  if (!last.empty()) object["key"] = base64_encode(std::string(last) + '\0');
  if (at != 0) object["revision"] = std::to_string(at);
  object["limit"] = std::to_string(limit);
  return json::to_text(object);
}

std::string txn(
    const std::vector<Compare>& compares,
    const std::vector<Operation>& success,
    const std::vector<Operation>& failure) {
  json::array conditions;
  for (const auto& compare : compares) conditions.push_back(to_wire(compare));
  json::object object;
  object["compare"] = std::move(conditions);
  object["success"] = to_wire(success);
  object["failure"] = to_wire(failure);
  return json::to_text(object);
}

std::string grant(std::chrono::seconds ttl) {
  return json::to_text(json::object{{"TTL", std::to_string(ttl.count())}});
}

std::string lease_id(LeaseId lease) {
  return json::to_text(json::object{{"ID", std::to_string(lease)}});
}

std::string lease_keys(LeaseId lease) {
  return json::to_text(json::object{{"ID", std::to_string(lease)}, {"keys", true}});
}

std::string watch(std::string_view prefix, Revision start) {
  json::object request = prefix_object(prefix);
  request["start_revision"] = std::to_string(start);
  request["progress_notify"] = true;
  return json::to_text(json::object{{"create_request", std::move(request)}});
}

Revision read_revision(std::string_view answer) {
  return number(read<Answer>(answer).header.revision);
}

Page read_page(std::string_view answer) {
  const auto wire = read<Answer>(answer);
  Page page;
  page.revision = number(wire.header.revision);
  page.more = wire.more;
  for (const auto& entry : wire.kvs) page.entries.push_back(to_key_value(entry));
  return page;
}

std::int64_t read_deleted(std::string_view answer) {
  return number(read<Answer>(answer).deleted);
}

TxnResult read_txn(std::string_view answer) {
  const auto wire = read<Answer>(answer);
  return TxnResult{.succeeded = wire.succeeded, .revision = number(wire.header.revision)};
}

LeaseId read_lease(std::string_view answer) {
  return number(read<Answer>(answer).ID);
}

std::vector<std::string> read_lease_keys(std::string_view answer) {
  std::vector<std::string> keys;
  for (const auto& key : read<Answer>(answer).keys) keys.push_back(bytes(key));
  std::ranges::sort(keys);
  return keys;
}

std::int64_t read_keep_alive_ttl(std::string_view answer) {
  const auto wire = read<KeepAlive>(answer);
  if (!wire.result) throw Error(ErrorCode::unavailable, "etcd could not keep a lease alive");
  return number(wire.result->TTL);
}

WatchMessage read_watch(std::string_view line) {
  const auto wire = read<WatchLine>(line);
  WatchMessage message;
  if (wire.error) {
    message.failure = wire.error->message.empty() ? wire.error->error : wire.error->message;
    if (message.failure.empty()) message.failure = "no reason given";
  }
  if (!wire.result) return message;

  const WatchResult& result = *wire.result;
  message.created = result.created;
  message.compacted = number(result.compact_revision) != 0;
  if (result.canceled) message.failure = result.cancel_reason.empty() ? "canceled" : result.cancel_reason;
  for (const auto& event : result.events) {
    message.batch.changes.push_back(
        Change{.deleted = event.type == "DELETE", .entry = to_key_value(event.kv)});
  }
  // The header of a batch may already name a later revision than the batch reaches; that of a notice is
  // exact.
  if (!message.batch.changes.empty()) {
    message.batch.revision = message.batch.changes.back().entry.mod_revision;
  } else if (!result.created && !result.canceled) {
    message.batch.revision = number(result.header.revision);
  }
  return message;
}

Error read_failure(int status, std::string_view answer) {
  Failure failure;
  try {
    failure = read<Failure>(answer);
  } catch (const Error&) {
    return {ErrorCode::unavailable, "etcd answered with HTTP status " + std::to_string(status)};
  }
  const std::string& why = failure.message.empty() ? failure.error : failure.message;
  return {meaning_of(failure.code), "etcd: " + (why.empty() ? "status " + std::to_string(status) : why)};
}

}  // namespace deis::etcd::wire
