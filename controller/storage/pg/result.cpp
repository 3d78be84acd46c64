#include "controller/storage/pg/result.h"

#include "core/base/error.h"
#include "core/base/text.h"
#include "core/json/json.h"

#include <fmt/format.h>
#include <libpq-fe.h>

namespace deis::pg {
namespace {

const PGresult* as_result(const void* result) {
  return static_cast<const PGresult*>(result);
}

Error wrong(int column, std::string_view text, const char* kind) {
  return Error(
      ErrorCode::internal,
      fmt::format("column {} holds '{}', which is not {}", column, text.substr(0, 100), kind));
}

}  // namespace

Param param(const std::map<std::string, std::string>& map) {
  return json::to_string(map);
}
Param param(const std::map<std::string, int>& map) {
  return json::to_string(map);
}
Param param(const std::vector<std::string>& list) {
  return json::to_string(list);
}

Result::Result(void* result) : result_(result, [](void* r) { PQclear(static_cast<PGresult*>(r)); }) {}

int Result::size() const {
  return PQntuples(as_result(result_.get()));
}

int Result::columns() const {
  return PQnfields(as_result(result_.get()));
}

std::int64_t Result::affected() const {
  return parse_int(PQcmdTuples(static_cast<PGresult*>(result_.get()))).value_or(0);
}

std::string Result::tag() const {
  return PQcmdStatus(static_cast<PGresult*>(result_.get()));
}

bool Row::is_null(int column) const {
  return PQgetisnull(as_result(result_), row_, column) != 0;
}

std::string_view Row::text(int column) const {
  return {
      PQgetvalue(as_result(result_), row_, column),
      static_cast<std::size_t>(PQgetlength(as_result(result_), row_, column))};
}

template <>
std::string Row::get<std::string>(int column) const {
  return std::string(text(column));
}

template <>
std::optional<std::string> Row::get<std::optional<std::string>>(int column) const {
  if (is_null(column)) return std::nullopt;
  return std::string(text(column));
}

template <>
std::int64_t Row::get<std::int64_t>(int column) const {
  const auto number = parse_int(text(column));
  if (!number) throw wrong(column, text(column), "an integer");
  return *number;
}

template <>
int Row::get<int>(int column) const {
  return static_cast<int>(get<std::int64_t>(column));
}

template <>
bool Row::get<bool>(int column) const {
  if (text(column) == "t") return true;
  if (text(column) == "f") return false;
  throw wrong(column, text(column), "a boolean");
}

// "2026-11-23 14:12:17.501264+00": sessions are in UTC with ISO dates.
template <>
SystemTime Row::get<SystemTime>(int column) const {
  std::string stamp(text(column));
  if (stamp.size() < 20) throw wrong(column, stamp, "a time");
  stamp[10] = 'T';
  return parse_rfc3339(stamp + ":00");
}

template <>
std::optional<SystemTime> Row::get<std::optional<SystemTime>>(int column) const {
  if (is_null(column)) return std::nullopt;
  return get<SystemTime>(column);
}

template <>
std::vector<std::string> Row::get<std::vector<std::string>>(int column) const {
  return json::from<std::vector<std::string>>(json::parse(text(column)));
}

template <>
std::map<std::string, std::string> Row::get<std::map<std::string, std::string>>(int column) const {
  if (text(column) == "{}") return {};
  return json::from<std::map<std::string, std::string>>(json::parse(text(column)));
}

template <>
std::map<std::string, int> Row::get<std::map<std::string, int>>(int column) const {
  if (text(column) == "{}") return {};
  return json::from<std::map<std::string, int>>(json::parse(text(column)));
}

}  // namespace deis::pg
