#pragma once
// The wanted state of the whole platform for the reconciler: what PostgreSQL says every app shall run.

#include "controller/domain/context.h"

namespace deis::controller {

// Refers to the context, which must outlive it.
ReadWanted read_wanted(Context& context);

}  // namespace deis::controller
