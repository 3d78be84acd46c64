// Each line marked BAD breaks house rule R1 in its own way.
#include <coroutine>
#include <functional>
#include <memory>
#include <string>
#include <vector>

template <typename T>
struct Task {
  struct promise_type {
    Task get_return_object();
    std::suspend_never initial_suspend();
    std::suspend_never final_suspend() noexcept;
    void return_value(T);
    void unhandled_exception();
  };
  bool await_ready();
  void await_suspend(std::coroutine_handle<>);
  T await_resume();
};

struct Options {
  std::string name;
};
Task<int> call(std::function<int()> work);
Task<int> open(Options options);
Task<int> sum(std::vector<std::string> words);
Task<std::string> text();

Task<int> closure(std::shared_ptr<int> n) {
  co_return co_await call([n] { return *n; });  // BAD
}
Task<int> aggregate() {
  co_return co_await open({.name = "x"});  // BAD
}
Task<int> list() {
  co_return co_await sum({"a", "b"});  // BAD
}
Task<std::string> choice(bool c) {
  co_return c ? co_await text() : std::string("x");  // BAD
}
Task<int> named(std::shared_ptr<int> n) {
  auto work = [n] { return *n; };
  Options options{.name = "x"};
  const int one = co_await call(std::move(work));
  co_return one + co_await open(std::move(options));
}
