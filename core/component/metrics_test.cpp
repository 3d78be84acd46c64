#include "core/component/metrics.h"

#include "core/component/process_metrics.h"

#include <gmock/gmock.h>

namespace deis::component {
namespace {

using testing::HasSubstr;

TEST(Metrics, CountsPerSetOfLabels) {
  Metrics metrics;
  metrics.count("deis_pushes_total", "Pushes.", {{"result", "ok"}});
  metrics.count("deis_pushes_total", "Pushes.", {{"result", "ok"}}, 2);
  metrics.count("deis_pushes_total", "Pushes.", {{"result", "refused"}});
  EXPECT_THAT(metrics.text(), HasSubstr("# TYPE deis_pushes_total counter"));
  EXPECT_THAT(metrics.text(), HasSubstr("deis_pushes_total{result=\"ok\"} 3"));
  EXPECT_THAT(metrics.text(), HasSubstr("deis_pushes_total{result=\"refused\"} 1"));
}

TEST(Metrics, AGaugeShowsTheLastValue) {
  Metrics metrics;
  metrics.set("deis_free_bytes", "Free.", 7);
  metrics.set("deis_free_bytes", "Free.", 5);
  EXPECT_THAT(metrics.text(), HasSubstr("deis_free_bytes 5"));
}

TEST(Metrics, AHistogramCountsInItsBuckets) {
  Metrics metrics;
  metrics.observe_seconds("deis_deploy_seconds", "Deploys.", 0.3);
  EXPECT_THAT(metrics.text(), HasSubstr("deis_deploy_seconds_bucket{le=\"0.25\"} 0"));
  EXPECT_THAT(metrics.text(), HasSubstr("deis_deploy_seconds_bucket{le=\"0.5\"} 1"));
}

TEST(Metrics, EveryProcessTellsItsMemoryAndDescriptors) {
  Metrics metrics;
  update_process_metrics(metrics);
  EXPECT_THAT(metrics.text(), HasSubstr("process_resident_memory_bytes "));
  EXPECT_THAT(metrics.text(), HasSubstr("process_open_fds "));
}

}  // namespace
}  // namespace deis::component
