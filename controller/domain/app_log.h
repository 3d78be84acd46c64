#pragma once
// The platform's own lines in an app's log, under the name that the controller knows them by.

#include "core/component/app_log.h"

namespace deis::controller {

using component::AppLog;

}  // namespace deis::controller
