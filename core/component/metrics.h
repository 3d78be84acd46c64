#pragma once
// Counters, gauges and histograms for /metrics (prometheus-cpp behind it). Names as in field-notes §5.4.

#include <functional>
#include <initializer_list>
#include <memory>
#include <string>
#include <utility>

namespace deis::component {

using MetricLabels = std::initializer_list<std::pair<std::string, std::string>>;

class Metrics {
 public:
  Metrics();
  ~Metrics();
  void count(const std::string& name, const std::string& help, MetricLabels labels = {}, double by = 1);
  void set(const std::string& name, const std::string& help, double value, MetricLabels labels = {});
  void observe_seconds(
      const std::string& name, const std::string& help, double seconds, MetricLabels labels = {});
  // Called before each text(): for values that are kept elsewhere.
  void before_text(std::function<void()> update);
  // Called for each text(): more of the exposition format, of names that are used here only.
  void append(std::function<std::string()> more);
  std::string text() const;  // exposition format

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace deis::component
