#pragma once
// The same operation on many things, some at once.

#include "core/net/task.h"

#include <cstddef>
#include <exception>
#include <functional>
#include <string>
#include <vector>

namespace deis::controller {

// Runs work(0) ... work(count-1), at most `limit` at the same time. Every one is tried; the failures come
// back (none: all succeeded). Cancellation ends all of them.
Task<std::vector<std::exception_ptr>> for_each(
    std::size_t count, std::size_t limit, std::function<Task<>(std::size_t)> work);

// The message of what was thrown.
std::string message_of(const std::exception_ptr& failure);
bool is_cancellation(const std::exception_ptr& failure);

}  // namespace deis::controller
