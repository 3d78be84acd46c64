#include "logger/log_store.h"

#include "core/base/error.h"
#include "core/base/text.h"

#include <fmt/format.h>

#include <algorithm>
#include <fcntl.h>
#include <fstream>
#include <sstream>
#include <unistd.h>

namespace deis::logger {
namespace fs = std::filesystem;

namespace {

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

std::int64_t size_of(const fs::path& path) {
  std::error_code none;
  const auto size = fs::file_size(path, none);
  return none ? 0 : static_cast<std::int64_t>(size);
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
  ledger_ = Ledger::load(ledger_file());
  take_back_unfinished();
}

// After a kill: a file may be longer than it counts, or gone because it was renamed or erased.
void LogStore::take_back_unfinished() {
  bool changed = false;
  for (auto& [app, length] : ledger_.length) {
    const std::int64_t actual = size_of(file_of(app));
    if (actual > length) fs::resize_file(file_of(app), static_cast<std::uintmax_t>(length));
    changed |= actual < length;
    length = std::min(length, actual);
  }
  if (changed) ledger_.save(ledger_file());
}

std::size_t LogStore::append(const std::vector<Record>& records) {
  Texts texts;
  Ledger next = ledger_;
  std::size_t fresh = 0;
  for (const Record& record : records) {
    if (!is_app_name(record.app)) continue;
    Position& newest = next.newest[record.container];
    const Position position{record.time_ns, record.sequence};
    if (!(newest < position)) continue;
    newest = position;
    texts[record.app] += format(record);
    ++fresh;
  }
  if (fresh == 0) return 0;
  make_room(texts);
  for (const auto& [app, text] : texts) next.length[app] = append_file(app, text);
  next.save(ledger_file());
  ledger_ = std::move(next);
  return fresh;
}

// Before anything is appended the ledger must know each file: a full one is put aside, a new one noted.
void LogStore::make_room(const Texts& texts) {
  bool changed = false;
  for (const auto& [app, text] : texts) {
    const fs::path path = file_of(app);
    const bool noted = ledger_.length.contains(app);
    std::int64_t& length = ledger_.length[app];
    if (!noted) length = size_of(path);
    const bool full = length >= max_file_bytes_ && fs::is_regular_file(path);
    if (full) {
      if (size_of(path) > length) fs::resize_file(path, static_cast<std::uintmax_t>(length));
      fs::rename(path, path.string() + ".1");
      length = 0;
    }
    changed |= full || !noted;
  }
  if (changed) ledger_.save(ledger_file());
}

// How long the file is then. What an append that failed has left behind is overwritten.
std::int64_t LogStore::append_file(const std::string& app, const std::string& text) const {
  const fs::path path = file_of(app);
  const int file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0640);
  if (file < 0) throw Error(ErrorCode::unavailable, "cannot open " + path.string());
  const std::int64_t begin = std::min(ledger_.length.at(app), size_of(path));
  std::string_view rest = text;
  bool good = ::ftruncate(file, begin) == 0 && ::lseek(file, begin, SEEK_SET) == begin;
  while (good && !rest.empty()) {
    const auto written = ::write(file, rest.data(), rest.size());
    good = written > 0;
    if (good) rest.remove_prefix(static_cast<std::size_t>(written));
  }
  good = good && ::fdatasync(file) == 0;
  ::close(file);
  if (!good) throw Error(ErrorCode::unavailable, "cannot write " + path.string());
  return begin + static_cast<std::int64_t>(text.size());
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
  if (ledger_.length.erase(app) > 0) ledger_.save(ledger_file());
}

}  // namespace deis::logger
