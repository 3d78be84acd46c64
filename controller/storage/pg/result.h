#pragma once
// Rows of an answer with typed access, and parameters of a statement. libpq stays in pg/*.cpp.

#include "core/base/time.h"

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace deis::pg {

// Parameters go to the server as text, beside the statement and never in it.
using Param = std::optional<std::string>;  // nullopt: NULL
using Params = std::vector<Param>;

inline Param param(std::string text) {
  return text;
}
inline Param param(const char* text) {
  return std::string(text);
}
inline Param param(std::int64_t number) {
  return std::to_string(number);
}
inline Param param(int number) {
  return std::to_string(number);
}
inline Param param(bool flag) {
  return std::string(flag ? "t" : "f");
}
inline Param param(std::optional<std::string> text) {
  return text;
}
Param param(const std::map<std::string, std::string>& map);  // as JSON
Param param(const std::map<std::string, int>& map);
Param param(const std::vector<std::string>& list);  // as JSON

template <typename... T>
Params params(const T&... values) {
  Params all;
  (all.push_back(param(values)), ...);
  return all;
}

class Row {
 public:
  Row(const void* result, int row) : result_(result), row_(row) {}
  bool is_null(int column) const;
  // std::string, std::int64_t, int, bool, SystemTime, std::optional of string and SystemTime, and as JSON:
  // maps of strings and of ints, lists of strings. Throws Error{internal} when the column is of another kind:
  // a bug in the statement.
  template <typename T>
  T get(int column) const;

 private:
  std::string_view text(int column) const;
  const void* result_;
  int row_;
};

// What there is of get: declared, so that no file makes another one of its own.
template <>
std::string Row::get<std::string>(int column) const;
template <>
std::optional<std::string> Row::get<std::optional<std::string>>(int column) const;
template <>
std::int64_t Row::get<std::int64_t>(int column) const;
template <>
int Row::get<int>(int column) const;
template <>
bool Row::get<bool>(int column) const;
template <>
SystemTime Row::get<SystemTime>(int column) const;
template <>
std::optional<SystemTime> Row::get<std::optional<SystemTime>>(int column) const;
template <>
std::vector<std::string> Row::get<std::vector<std::string>>(int column) const;
template <>
std::map<std::string, std::string> Row::get<std::map<std::string, std::string>>(int column) const;
template <>
std::map<std::string, int> Row::get<std::map<std::string, int>>(int column) const;

class Result {
 public:
  explicit Result(void* result);  // a PGresult*, owned
  int size() const;
  int columns() const;
  bool empty() const { return size() == 0; }
  Row operator[](int row) const { return Row(result_.get(), row); }
  std::int64_t affected() const;  // rows that an INSERT, UPDATE or DELETE touched
  std::string tag() const;        // what the server says that it did: "INSERT 0 1", "COMMIT"

 private:
  std::shared_ptr<void> result_;
};

}  // namespace deis::pg
