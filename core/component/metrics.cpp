#include "core/component/metrics.h"

#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>

#include <map>
#include <vector>

namespace deis::component {
namespace {

// From one millisecond to the longest deploy; the same for all, so that they can be compared.
const prometheus::Histogram::BucketBoundaries kSeconds{
    0.001, 0.005, 0.02, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 120};

std::map<std::string, std::string> to_map(MetricLabels labels) {
  std::map<std::string, std::string> map;
  for (const auto& [name, value] : labels) map[name] = value;
  return map;
}

}  // namespace

struct Metrics::State {
  // Families live as long as the registry; asking it for one that exists would build it again each time.
  template <typename Builder, typename Family>
  Family& family(
      std::map<std::string, Family*>& known,
      Builder builder,
      const std::string& name,
      const std::string& help) {
    auto& place = known[name];
    if (!place) place = &builder().Name(name).Help(help).Register(registry);
    return *place;
  }

  prometheus::Registry registry;
  std::vector<std::function<void()>> updates;
  std::vector<std::function<std::string()>> more;
  std::map<std::string, prometheus::Family<prometheus::Counter>*> counters;
  std::map<std::string, prometheus::Family<prometheus::Gauge>*> gauges;
  std::map<std::string, prometheus::Family<prometheus::Histogram>*> histograms;
};

Metrics::Metrics() : state_(std::make_unique<State>()) {}
Metrics::~Metrics() = default;

void Metrics::count(const std::string& name, const std::string& help, MetricLabels labels, double by) {
  auto& family = state_->family(state_->counters, prometheus::BuildCounter, name, help);
  family.Add(to_map(labels)).Increment(by);
}

void Metrics::set(const std::string& name, const std::string& help, double value, MetricLabels labels) {
  auto& family = state_->family(state_->gauges, prometheus::BuildGauge, name, help);
  family.Add(to_map(labels)).Set(value);
}

void Metrics::observe_seconds(
    const std::string& name, const std::string& help, double seconds, MetricLabels labels) {
  auto& family = state_->family(state_->histograms, prometheus::BuildHistogram, name, help);
  family.Add(to_map(labels), kSeconds).Observe(seconds);
}

void Metrics::before_text(std::function<void()> update) {
  state_->updates.push_back(std::move(update));
}

void Metrics::append(std::function<std::string()> more) {
  state_->more.push_back(std::move(more));
}

std::string Metrics::text() const {
  for (const auto& update : state_->updates) update();
  std::string text = prometheus::TextSerializer().Serialize(state_->registry.Collect());
  for (const auto& more : state_->more) text += more();
  return text;
}

}  // namespace deis::component
