#include "database/start_decision.h"

namespace deis::database {
namespace {

using Files = Evidence::Files;
using Marker = Evidence::Marker;

Decision start() {
  return {Decision::Action::start, ""};
}
Decision initialise() {
  return {Decision::Action::initialise, ""};
}
Decision refuse(std::string reason) {
  return {Decision::Action::refuse, std::move(reason)};
}

// The volume says that a database was completed here.
Decision with_complete_marker(const Evidence& evidence) {
  if (evidence.files == Files::cluster) return start();
  return refuse(
      "the volume says that it holds a database, but its files are gone: restore them from a backup. Only if "
      "the "
      "loss is accepted, remove the marker file and set a new init token");
}

// The first initialisation was interrupted. Nothing was ever stored in what it left behind.
Decision with_unfinished_marker(const Evidence& evidence) {
  if (evidence.offered_token) return initialise();
  return refuse(
      "the first initialisation was interrupted and its init token is gone from etcd: set a new one to begin "
      "again");
}

Decision without_marker(const Evidence& evidence) {
  switch (evidence.files) {
    case Files::cluster:
      return start();  // restored by hand, or older than the marker
    case Files::other:
      return refuse("the data directory holds files that are not a PostgreSQL database: look at them first");
    case Files::none:
      break;
  }
  if (evidence.offered_token) return initialise();
  return refuse(
      "there is no data and no init token, so the data of this platform is lost or mounted elsewhere: bring "
      "the "
      "volume back or restore it. Only for a platform that never had data, set an init token");
}

}  // namespace

Decision decide(const Evidence& evidence) {
  switch (evidence.marker) {
    case Marker::complete:
      return with_complete_marker(evidence);
    case Marker::initialising:
      return with_unfinished_marker(evidence);
    case Marker::none:
      break;
  }
  return without_marker(evidence);
}

}  // namespace deis::database
