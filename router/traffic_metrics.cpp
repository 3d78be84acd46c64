#include "router/traffic_metrics.h"

#include <fmt/format.h>

#include <iterator>
#include <map>
#include <vector>

namespace deis::router {
namespace {

using table::SlotCounts;

void add(SlotCounts& sum, const SlotCounts& more) {
  sum.in_flight += more.in_flight;
  sum.retries += more.retries;
  sum.failures += more.failures;
  sum.bytes += more.bytes;
  sum.micros += more.micros;
  for (std::size_t i = 0; i < sum.answers.size(); ++i) sum.answers[i] += more.answers[i];
  for (std::size_t i = 0; i < sum.latencies.size(); ++i) sum.latencies[i] += more.latencies[i];
}

using Series = std::vector<std::pair<std::string, SlotCounts>>;  // labels and counts

class Text {
 public:
  explicit Text(std::string prefix) : prefix_(std::move(prefix)) {}

  void head(std::string_view name, std::string_view type, std::string_view help) {
    name_ = fmt::format("{}_{}", prefix_, name);
    fmt::format_to(std::back_inserter(text_), "# HELP {0} {1}\n# TYPE {0} {2}\n", name_, help, type);
  }
  template <class Number>
  void line(std::string_view suffix, std::string_view labels, Number value) {
    fmt::format_to(std::back_inserter(text_), "{}{}{{{}}} {}\n", name_, suffix, labels, value);
  }
  std::string take() { return std::move(text_); }

 private:
  std::string prefix_, name_, text_;
};

void counters(Text& text, const Series& series) {
  text.head("requests_total", "counter", "Requests by class of the answer's status");
  for (const auto& [labels, counts] : series) {
    for (std::size_t i = 0; i < counts.answers.size(); ++i)
      text.line("", fmt::format("{},class=\"{}xx\"", labels, i + 1), counts.answers[i]);
  }
  text.head("response_bytes_total", "counter", "Bytes sent to clients");
  for (const auto& [labels, counts] : series) text.line("", labels, counts.bytes);
  text.head("retries_total", "counter", "Requests that left an endpoint for another one");
  for (const auto& [labels, counts] : series) text.line("", labels, counts.retries);
  text.head("connect_failures_total", "counter", "Endpoints that could not be reached");
  for (const auto& [labels, counts] : series) text.line("", labels, counts.failures);
  text.head("requests_in_flight", "gauge", "Requests under way");
  for (const auto& [labels, counts] : series) text.line("", labels, counts.in_flight);
}

void durations(Text& text, const Series& series) {
  text.head(
      "request_duration_seconds",
      "histogram",
      "From the first byte of the request to the last of the answer");
  for (const auto& [labels, counts] : series) {
    std::uint64_t sum = 0;
    for (std::size_t i = 0; i + 1 < counts.latencies.size(); ++i) {
      sum += counts.latencies[i];
      text.line("_bucket", fmt::format("{},le=\"{}\"", labels, static_cast<double>(1U << i) / 1000.0), sum);
    }
    sum += counts.latencies.back();
    text.line("_bucket", fmt::format("{},le=\"+Inf\"", labels), sum);
    text.line("_sum", labels, static_cast<double>(counts.micros) / 1e6);
    text.line("_count", labels, sum);
  }
}

}  // namespace

std::string traffic_metrics(const table::TableWriter& table, std::size_t most) {
  Series apps, endpoints;
  SlotCounts other;
  bool has_other = false;
  table.each_route([&](std::string_view app, const table::Route& route) {
    const SlotCounts counts = table.counts(route.slot);
    if (apps.size() >= most) {
      add(other, counts);
      has_other = true;
      return;
    }
    apps.emplace_back(fmt::format("app=\"{}\"", app), counts);
    for (unsigned i = 0; i < route.stable + route.canary; ++i) {
      const table::Endpoint& endpoint = route.endpoints()[i];
      endpoints.emplace_back(
          fmt::format("app=\"{}\",release=\"{}\",endpoint=\"{}\"", app, endpoint.release, endpoint.name()),
          table.counts(endpoint.slot));
    }
  });
  if (has_other) apps.emplace_back("app=\"other\"", other);
  apps.emplace_back("app=\"\"", table.unrouted());
  Text of_apps("deis_router_app"), of_endpoints("deis_router_endpoint");
  counters(of_apps, apps);
  durations(of_apps, apps);
  counters(of_endpoints, endpoints);
  durations(of_endpoints, endpoints);
  return of_apps.take() + of_endpoints.take();
}

}  // namespace deis::router
