#pragma once
// When a certificate is asked for: pure rules. Authorities limit what an account may do (Let's Encrypt: 300
// orders in 3 h, 5 failed validations of a name in 1 h), so what reaches them backs off in hours; what fails
// before it reaches them costs nobody anything and is tried again soon.

#include "core/base/time.h"

#include <optional>
#include <vector>

namespace deis::controller::acme {

// How an attempt failed.
enum class Failure {
  before_order,  // the domain does not lead here, or the authority cannot be reached: it counted nothing
  refused,       // the authority took the order and did not like it
  not_validated  // it asked the domain and did not get the answer
};

// When two thirds of its life are over.
SystemTime renewal_time(SystemTime valid_from, SystemTime expires);

// `failures`: in a row, this one included. 1 h, 2 h, 4 h ... 1 day; before_order: 1 min, 2 min ... 1 h.
SystemTime next_attempt(SystemTime now, Failure failure, int failures);

// One that was begun in the last hour.
struct RecentOrder {
  bool same_domain = false;
  bool failed_validation = false;  // or its outcome is not known
  SystemTime begun;
};

struct OrderLimits {
  int orders_per_hour = 50;             // of the platform
  int failed_validations_per_hour = 5;  // of one domain
};

// When the next order may go out, nullopt: now. `recent` in any order; what is older than an hour is ignored.
std::optional<SystemTime> held_until(
    SystemTime now, const OrderLimits& limits, const std::vector<RecentOrder>& recent);

}  // namespace deis::controller::acme
