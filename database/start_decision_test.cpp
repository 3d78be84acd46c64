#include "database/start_decision.h"

#include <gtest/gtest.h>

#include <vector>

namespace deis::database {
namespace {

using Action = Decision::Action;
using Files = Evidence::Files;
using Marker = Evidence::Marker;

Action action_for(Files files, Marker marker, std::optional<std::string> offered = std::nullopt) {
  Evidence evidence;
  evidence.files = files;
  evidence.marker = marker;
  if (marker != Marker::none) evidence.marker_token = "t1";
  evidence.offered_token = std::move(offered);
  return decide(evidence).action;
}

TEST(StartDecision, AnEmptyVolumeIsInitialisedOnlyWithAToken) {
  EXPECT_EQ(action_for(Files::none, Marker::none, "t1"), Action::initialise);
  EXPECT_EQ(action_for(Files::none, Marker::none), Action::refuse);
}

TEST(StartDecision, ExistingDataIsStartedWithAndWithoutAToken) {
  EXPECT_EQ(action_for(Files::cluster, Marker::complete), Action::start);
  EXPECT_EQ(action_for(Files::cluster, Marker::complete, "t1"), Action::start);
  EXPECT_EQ(action_for(Files::cluster, Marker::complete, "t2"), Action::start);
}

TEST(StartDecision, ADatabaseThatWasRestoredByHandIsStarted) {
  EXPECT_EQ(action_for(Files::cluster, Marker::none), Action::start);
  EXPECT_EQ(action_for(Files::cluster, Marker::none, "t1"), Action::start);
}

TEST(StartDecision, AnInterruptedInitialisationBeginsAgainUnderItsToken) {
  EXPECT_EQ(action_for(Files::none, Marker::initialising, "t1"), Action::initialise);
  EXPECT_EQ(action_for(Files::other, Marker::initialising, "t1"), Action::initialise);
  EXPECT_EQ(action_for(Files::cluster, Marker::initialising, "t1"), Action::initialise);
  EXPECT_EQ(action_for(Files::other, Marker::initialising), Action::refuse);
}

TEST(StartDecision, DataThatShouldBeThereIsNeverReplacedEvenWithAToken) {
  EXPECT_EQ(action_for(Files::none, Marker::complete), Action::refuse);
  EXPECT_EQ(action_for(Files::none, Marker::complete, "t2"), Action::refuse);
  EXPECT_EQ(action_for(Files::other, Marker::complete, "t2"), Action::refuse);
}

TEST(StartDecision, ForeignFilesAreNeverTouched) {
  EXPECT_EQ(action_for(Files::other, Marker::none, "t1"), Action::refuse);
  EXPECT_EQ(action_for(Files::other, Marker::none), Action::refuse);
}

TEST(StartDecision, EveryRefusalSaysWhatToDo) {
  for (const auto files : {Files::none, Files::cluster, Files::other}) {
    for (const auto marker : {Marker::none, Marker::initialising, Marker::complete}) {
      Evidence evidence;
      evidence.files = files;
      evidence.marker = marker;
      const auto decision = decide(evidence);
      EXPECT_EQ(decision.action == Action::refuse, decision.reason.size() > 40);
    }
  }
}

}  // namespace
}  // namespace deis::database
