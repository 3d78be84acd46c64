#include "core/base/log.h"

#include "core/base/text.h"
#include "core/base/time.h"

#include <fmt/format.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <chrono>
#include <iterator>

namespace deis {

struct Log::Sink {
  LogLevel minimum;
  std::shared_ptr<spdlog::logger> logger;  // null: silent
};

namespace {

constexpr std::string_view level_name(LogLevel level) {
  constexpr std::string_view kNames[] = {"debug", "info", "warning", "error"};
  return kNames[static_cast<int>(level)];
}

// spdlog only does the locked write here; lines are made whole below so that nothing in a message is a
// pattern.
std::shared_ptr<spdlog::logger> make_logger() {
  auto sink = std::make_shared<spdlog::sinks::stderr_sink_mt>();
  auto logger = std::make_shared<spdlog::logger>("deis", std::move(sink));
  logger->set_pattern("%v");
  logger->set_level(spdlog::level::trace);
  logger->flush_on(spdlog::level::trace);
  return logger;
}

void append_string(std::string& line, std::string_view text) {
  line += '"';
  for (const char c : is_valid_utf8(text) ? std::string(text) : to_valid_utf8(text)) {
    switch (c) {
      case '"':
        line += "\\\"";
        break;
      case '\\':
        line += "\\\\";
        break;
      case '\n':
        line += "\\n";
        break;
      case '\t':
        line += "\\t";
        break;
      default:
        if (static_cast<unsigned char>(c) < 0x20) {
          fmt::format_to(std::back_inserter(line), "\\u{:04x}", static_cast<unsigned char>(c));
        } else {
          line += c;
        }
    }
  }
  line += '"';
}

void append_member(std::string& line, const LogField& field) {
  line += ',';
  append_string(line, field.name);
  line += ':';
  struct Writer {
    std::string& line;
    void operator()(std::string_view v) const { append_string(line, v); }
    void operator()(std::int64_t v) const { line += std::to_string(v); }
    void operator()(double v) const { fmt::format_to(std::back_inserter(line), "{:.6g}", v); }
    void operator()(bool v) const { line += v ? "true" : "false"; }
  };
  std::visit(Writer{line}, field.value);
}

}  // namespace

Log::Log(std::string component, LogLevel minimum)
    : sink_(std::make_shared<const Sink>(Sink{minimum, make_logger()})) {
  append_member(context_, LogField("component", component));
}

Log Log::silent() {
  Log log("test", LogLevel::error);
  log.sink_ = std::make_shared<const Sink>(Sink{LogLevel::error, nullptr});
  return log;
}

void Log::debug(std::string_view message, Fields fields) const {
  write(LogLevel::debug, message, fields);
}
void Log::info(std::string_view message, Fields fields) const {
  write(LogLevel::info, message, fields);
}
void Log::warning(std::string_view message, Fields fields) const {
  write(LogLevel::warning, message, fields);
}
void Log::error(std::string_view message, Fields fields) const {
  write(LogLevel::error, message, fields);
}

Log Log::with(std::string_view name, std::string_view value) const {
  Log derived = *this;
  append_member(derived.context_, LogField(name, value));
  return derived;
}

void Log::write(LogLevel level, std::string_view message, Fields fields) const {
  if (!sink_->logger || level < sink_->minimum) return;
  std::string line = "{\"ts\":";
  append_string(line, format_rfc3339_nanos(std::chrono::system_clock::now()));
  append_member(line, LogField("level", level_name(level)));
  line += context_;
  append_member(line, LogField("msg", message));
  for (const LogField& field : fields) append_member(line, field);
  line += '}';
  sink_->logger->log(spdlog::level::info, spdlog::string_view_t(line.data(), line.size()));
}

}  // namespace deis
