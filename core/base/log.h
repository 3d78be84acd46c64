#pragma once
// Structured logging: one JSON object per line on standard error.
//   log.info("release switched", {{"app", app.str()}, {"release", n}, {"ms", took}});
// A Log is a small value: copy it, derive one with more context, pass it by constructor. Thread safe.

#include <concepts>
#include <cstdint>
#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>
#include <variant>

namespace deis {

enum class LogLevel { debug, info, warning, error };

struct LogField {
  std::string_view name;
  std::variant<std::string_view, std::int64_t, double, bool> value;

  LogField(std::string_view n, std::string_view v) : name(n), value(v) {}
  LogField(std::string_view n, const char* v) : name(n), value(std::string_view(v)) {}
  LogField(std::string_view n, const std::string& v) : name(n), value(std::string_view(v)) {}
  LogField(std::string_view n, bool v) : name(n), value(v) {}
  LogField(std::string_view n, double v) : name(n), value(v) {}
  template <std::integral I>
  LogField(std::string_view n, I v) : name(n), value(static_cast<std::int64_t>(v)) {}
};

class Log {
 public:
  // Lines carry ts (RFC 3339 ns), level, component, msg and the fields.
  explicit Log(std::string component, LogLevel minimum = LogLevel::info);
  static Log silent();  // for tests

  using Fields = std::initializer_list<LogField>;
  void debug(std::string_view message, Fields fields = {}) const;
  void info(std::string_view message, Fields fields = {}) const;
  void warning(std::string_view message, Fields fields = {}) const;
  void error(std::string_view message, Fields fields = {}) const;

  // A Log whose lines carry `name`: `value` too (request_id, app ...).
  Log with(std::string_view name, std::string_view value) const;

 private:
  struct Sink;
  void write(LogLevel level, std::string_view message, Fields fields) const;
  std::shared_ptr<const Sink> sink_;
  std::string context_;  // ready-made JSON members, each with a leading comma
};

}  // namespace deis
