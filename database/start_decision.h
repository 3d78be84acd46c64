#pragma once
// New, existing or lost? The platform's database must never come up empty because something could not be
// read, so a database is made only with the one-time token that the operator's installation left in etcd.
// Pure.

#include <optional>
#include <string>

namespace deis::database {

// What is known before PostgreSQL starts.
struct Evidence {
  enum class Files { none, cluster, other };  // of the data directory; cluster: it has a PG_VERSION
  enum class Marker { none, initialising, complete };
  Files files = Files::none;
  Marker marker = Marker::none;              // written into the volume by us
  std::optional<std::string> marker_token;   // the token under which the volume was made
  std::optional<std::string> offered_token;  // /deis/database/initToken
};

struct Decision {
  enum class Action {
    start,       // on the data that is there
    initialise,  // make a new, empty one; leftovers of an unfinished attempt are removed
    refuse,      // and wait for the operator
  };
  Action action = Action::refuse;
  std::string reason;  // of a refusal: what is wrong and what to do
};

Decision decide(const Evidence& evidence);

}  // namespace deis::database
