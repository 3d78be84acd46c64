#include "ctl/console.h"

#include <gtest/gtest.h>

namespace deis::ctl {
namespace {

TEST(Table, AlignsColumnsAndLeavesNoBlanksBehindTheLast) {
  EXPECT_EQ(
      format_table({{"UNIT", "SUB"}, {"deis-router", "running"}, {"deis-etcd", "dead"}}),
      "UNIT         SUB\n"
      "deis-router  running\n"
      "deis-etcd    dead\n");
}

TEST(Table, WithoutRowsIsEmpty) {
  EXPECT_EQ(format_table({}), "");
}

}  // namespace
}  // namespace deis::ctl
