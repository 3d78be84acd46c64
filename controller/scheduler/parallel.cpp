#include "controller/scheduler/parallel.h"

#include "core/base/error.h"
#include "core/net/task_group.h"

#include <boost/asio/error.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/system/system_error.hpp>

#include <algorithm>

namespace deis::controller {
namespace {

struct Batch {
  std::size_t count;
  std::function<Task<>(std::size_t)> work;
  std::size_t next = 0;
  std::vector<std::exception_ptr> failures;
};

Task<> work_off(Batch& batch) {
  while (batch.next < batch.count) {
    const std::size_t index = batch.next++;
    std::exception_ptr failure;
    try {
      co_await batch.work(index);
    } catch (...) {
      failure = std::current_exception();
    }
    if (failure && is_cancellation(failure)) std::rethrow_exception(failure);
    if (failure) batch.failures.push_back(failure);
  }
}

}  // namespace

Task<std::vector<std::exception_ptr>> for_each(
    std::size_t count, std::size_t limit, std::function<Task<>(std::size_t)> work) {
  Batch batch{.count = count, .work = std::move(work)};
  net::TaskGroup group(co_await asio::this_coro::executor);
  for (std::size_t i = 0; i < std::min(count, limit); ++i) group.spawn(work_off(batch));
  co_await group.join();
  co_return std::move(batch.failures);
}

std::string message_of(const std::exception_ptr& failure) {
  try {
    std::rethrow_exception(failure);
  } catch (const std::exception& error) {
    return error.what();
  }
}

bool is_cancellation(const std::exception_ptr& failure) {
  try {
    std::rethrow_exception(failure);
  } catch (const Error& error) {
    return error.code() == ErrorCode::canceled;
  } catch (const boost::system::system_error& error) {
    return error.code() == asio::error::operation_aborted;
  } catch (...) {
    return false;
  }
}

}  // namespace deis::controller
