#include "cli/output.h"

#include "core/base/error.h"
#include "core/json/json.h"

#include <atomic>
#include <condition_variable>
#include <iostream>
#include <mutex>
#include <termios.h>
#include <thread>
#include <unistd.h>

namespace deis::cli {

void print_header(const std::string& title, std::size_t shown, std::int64_t total) {
  std::cout << "=== " << title;
  if (static_cast<std::int64_t>(shown) < total) std::cout << " (" << shown << " of " << total << ")";
  std::cout << "\n";
}

void print_pairs(const std::map<std::string, std::string>& pairs, std::size_t gap) {
  std::size_t longest = 0;
  for (const auto& [key, value] : pairs) longest = std::max(longest, key.size());
  for (const auto& [key, value] : pairs)
    std::cout << key << std::string(longest + gap - key.size(), ' ') << value << "\n";
}

namespace {

// Frames over one another, by backspaces, until it is told to stop.
class Animation {
 public:
  Animation() : thread_([this] { run(); }) {}
  ~Animation() {
    {
      const std::lock_guard lock(mutex_);
      stopped_ = true;
    }
    wake_.notify_one();
    thread_.join();
  }

 private:
  void run() {
    static constexpr const char* kFrames[] = {"...", "o..", ".o.", "..o"};
    std::unique_lock lock(mutex_);
    for (int i = 0; !stopped_; ++i) {
      std::cout << kFrames[i % 4] << std::flush;
      wake_.wait_for(lock, std::chrono::milliseconds(400), [this] { return stopped_; });
      std::cout << "\b\b\b   \b\b\b" << std::flush;
    }
  }

  std::mutex mutex_;
  std::condition_variable wake_;
  bool stopped_ = false;
  std::thread thread_;
};

}  // namespace

void with_progress(const std::string& text, const std::function<void()>& work) {
  std::cout << text << std::flush;
  if (!::isatty(STDOUT_FILENO)) return work();
  const Animation animation;
  work();
}

std::string text_of(const boost::json::value& object, const char* key) {
  const auto* o = object.if_object();
  const auto* member = o ? o->if_contains(key) : nullptr;
  if (!member || member->is_null()) return "";
  if (member->is_string()) return std::string(member->get_string());
  return json::to_text(*member);
}

const boost::json::array& results_of(const boost::json::value& page) {
  const auto* o = page.if_object();
  const auto* results = o ? o->if_contains("results") : nullptr;
  if (!results || !results->is_array())
    throw Error(ErrorCode::internal, "the controller's answer is not a list");
  return results->get_array();
}

std::int64_t count_of(const boost::json::value& page) {
  return page.as_object().at("count").as_int64();
}

std::string prompt(const std::string& question) {
  std::cout << question << std::flush;
  std::string line;
  if (!std::getline(std::cin, line)) throw Error(ErrorCode::invalid, "no answer on standard input");
  return line;
}

std::string prompt_secret(const std::string& question) {
  termios before{};
  const bool terminal = ::tcgetattr(STDIN_FILENO, &before) == 0;
  if (terminal) {
    termios silent = before;
    silent.c_lflag &= ~static_cast<tcflag_t>(ECHO);
    ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &silent);
  }
  std::string secret;
  try {
    secret = prompt(question);
  } catch (...) {
    if (terminal) ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &before);
    throw;
  }
  if (terminal) {
    ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &before);
    std::cout << "\n";
  }
  return secret;
}

}  // namespace deis::cli
