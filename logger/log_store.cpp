#include "logger/log_store.h"

#include "core/base/error.h"
#include "core/base/text.h"
#include "core/component/durable_file.h"

#include <fmt/format.h>

#include <algorithm>
#include <fcntl.h>
#include <fstream>
#include <sstream>
#include <unistd.h>

namespace deis::logger {
namespace fs = std::filesystem;

namespace {

constexpr std::size_t kMaxContainers = 10'000;  // positions kept; the oldest go first

std::string read_whole(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

// The last `lines` lines of a text whose lines all end in '\n'.
std::string_view last_lines(std::string_view text, std::size_t lines) {
  std::size_t at = text.size();
  while (lines > 0 && at > 0) {
    const auto before = text.rfind('\n', at >= 2 ? at - 2 : 0);
    if (at < 2 || before == std::string_view::npos) return text;
    at = before + 1;
    --lines;
  }
  return text.substr(at);
}

std::size_t count_lines(std::string_view text) {
  return static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n'));
}

}  // namespace

std::string format(const Record& record) {
  const SystemTime time{std::chrono::nanoseconds(record.time_ns)};
  return fmt::format("{} {}[{}]: {}\n", format_utc(time), record.app, record.process, record.line);
}

bool is_app_name(std::string_view name) {
  return !name.empty() && name.size() <= 128 && std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
  });
}

LogStore::LogStore(fs::path root, std::int64_t max_file_bytes)
    : root_(std::move(root)), max_file_bytes_(max_file_bytes) {
  fs::create_directories(root_);
  load_positions();
}

std::size_t LogStore::append(const std::vector<Record>& records) {
  std::map<std::string, std::string> by_app;
  std::size_t fresh = 0;
  for (const Record& record : records) {
    if (!is_app_name(record.app)) continue;
    Position& newest = newest_[record.container];
    const Position position{record.time_ns, record.sequence};
    if (!(newest < position)) continue;
    newest = position;
    by_app[record.app] += format(record);
    ++fresh;
  }
  for (const auto& [app, text] : by_app) append_file(app, text);
  if (fresh > 0) save_positions();
  return fresh;
}

void LogStore::append_file(const std::string& app, const std::string& text) {
  const fs::path path = file_of(app);
  std::error_code none;
  if (const auto size = fs::file_size(path, none);
      !none && static_cast<std::int64_t>(size) >= max_file_bytes_) {
    fs::rename(path, path.string() + ".1");
  }
  const int file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0640);
  if (file < 0) throw Error(ErrorCode::unavailable, "cannot open " + path.string());
  std::string_view rest = text;
  bool good = true;
  while (good && !rest.empty()) {
    const auto written = ::write(file, rest.data(), rest.size());
    good = written > 0;
    if (good) rest.remove_prefix(static_cast<std::size_t>(written));
  }
  good = good && ::fdatasync(file) == 0;
  ::close(file);
  if (!good) throw Error(ErrorCode::unavailable, "cannot write " + path.string());
}

std::string LogStore::tail(const std::string& app, std::size_t lines) const {
  const std::string newest = read_whole(file_of(app));
  const std::size_t have = count_lines(newest);
  if (have >= lines) return std::string(last_lines(newest, lines));
  const std::string older = read_whole(file_of(app).string() + ".1");
  return std::string(last_lines(older, lines - have)) + newest;
}

void LogStore::erase(const std::string& app) {
  fs::remove(file_of(app));
  fs::remove(file_of(app).string() + ".1");
}

void LogStore::load_positions() {
  const auto text = component::read_file(root_ / "positions");
  if (!text) return;
  for (const std::string_view line : split(*text, '\n')) {
    const auto words = split(line, ' ');
    if (words.size() != 3) continue;
    newest_[std::string(words[0])] =
        Position{parse_int(words[1]).value_or(0), parse_int(words[2]).value_or(-1)};
  }
}

void LogStore::save_positions() {
  while (newest_.size() > kMaxContainers) {
    newest_.erase(std::min_element(
        newest_.begin(), newest_.end(), [](const auto& a, const auto& b) { return a.second < b.second; }));
  }
  std::string text;
  for (const auto& [container, position] : newest_)
    text += fmt::format("{} {} {}\n", container, position.time_ns, position.sequence);
  component::write_durably(root_ / "positions", text);
}

}  // namespace deis::logger
