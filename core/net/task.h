#pragma once
// Coroutines of the project: Task<T> is Asio's awaitable. One io_context and one loop thread per process; all
// state belongs to that thread, so there are no locks. House rule R1 (g++ 12, see CONTRIBUTING.md): in a full
// expression with co_await no `{`, no capturing lambda, no `?:` of class type; make a local first.

#include "core/base/time.h"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

namespace deis {

namespace asio = boost::asio;

template <typename T = void>
using Task = asio::awaitable<T>;
using Executor = asio::any_io_executor;

}  // namespace deis

namespace deis::net {

// Returns at `when`; throws Error{canceled} when the task is cancelled first.
Task<> sleep_until(Deadline when);
Task<> sleep_for(std::chrono::steady_clock::duration time);
// True when the current task was asked to end.
Task<bool> canceled();

}  // namespace deis::net
