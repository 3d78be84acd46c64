#pragma once
// The platform's own lines in an app's log (contract api.md §5.9): "INFO [shop]: ann created initial
// release". The log collector recognises exactly this shape on the standard output of controller, publisher
// and router and files the line under the app.

#include "core/base/names.h"

#include <functional>
#include <string>
#include <string_view>

namespace deis::component {

class AppLog {
 public:
  using Sink = std::function<void(std::string_view line)>;  // without the line end
  explicit AppLog(Sink sink) : sink_(std::move(sink)) {}
  static Sink standard_output();
  static AppLog to_standard_output() { return AppLog(standard_output()); }

  void info(const AppId& app, std::string_view text) const { write("INFO", app, text); }
  void warning(const AppId& app, std::string_view text) const { write("WARNING", app, text); }
  void error(const AppId& app, std::string_view text) const { write("ERROR", app, text); }

 private:
  void write(std::string_view level, const AppId& app, std::string_view text) const;
  Sink sink_;
};

}  // namespace deis::component
