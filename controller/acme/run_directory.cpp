#include "controller/acme/run_directory.h"

#include "controller/acme/client.h"
#include "controller/acme/hook.h"
#include "core/base/random.h"
#include "core/base/text.h"

#include <fmt/format.h>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace deis::controller::acme {
namespace {

constexpr std::string_view kNamePrefix = "deis-acme-";
constexpr auto kRootsFile = "roots.pem";
constexpr auto kTokensFolder = "tokens";  // the program insists on a place for its files; nobody reads them
// For one request of the program.
constexpr auto kCurlLimits = "--connect-timeout 10 --max-time 30";

void write_file(const std::filesystem::path& path, const std::string& text) {
  const int file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  const auto written = file < 0 ? -1 : ::write(file, text.data(), text.size());
  if (file >= 0) ::close(file);
  if (written < 0 || static_cast<std::size_t>(written) != text.size())
    throw Error(ErrorCode::internal, "cannot write " + path.string());
}

}  // namespace

std::string shell_quoted(const std::string& text) {
  std::string quoted = "'";
  for (const char c : text) {
    if (c == '\'') {
      quoted += "'\\''";
    } else {
      quoted += c;
    }
  }
  return quoted + "'";
}

std::string configuration_text(const std::string& place, const Order& order) {
  const std::string roots = order.roots.empty() ? "" : fmt::format("--cacert {}/{} ", place, kRootsFile);
  const std::pair<const char*, std::string> settings[] = {
      {"API", "2"},
      {"CHALLENGETYPE", "http-01"},
      {"CONTACT_EMAIL", order.email},
      {"CURL_OPTS", roots + kCurlLimits},
      {"HOOK", fmt::format("{}/{}", place, kHookName)},
      {"WELLKNOWN", fmt::format("{}/{}", place, kTokensFolder)}};
  std::string text;
  for (const auto& [name, value] : settings) text += fmt::format("{}={}\n", name, shell_quoted(value));
  return text;
}

// The name has the process in it, so that the next one sees whose it was.
RunDirectory::RunDirectory(const std::filesystem::path& parent)
    : path_(parent / fmt::format("{}{}-{}", kNamePrefix, ::getpid(), random_hex(8))) {
  std::filesystem::create_directories(parent);
  if (::mkdir(path_.c_str(), 0700) != 0)
    throw Error(ErrorCode::internal, "cannot make the directory " + path_.string());
}

void RunDirectory::remove_orphans(const std::filesystem::path& parent) {
  std::error_code ignored;
  for (const auto& entry : std::filesystem::directory_iterator(parent, ignored)) {
    const std::string name = entry.path().filename();
    if (!name.starts_with(kNamePrefix)) continue;
    const std::string_view rest = std::string_view(name).substr(kNamePrefix.size());
    const auto process = parse_int(rest.substr(0, rest.find('-')));
    const bool is_gone = process && !std::filesystem::exists(fmt::format("/proc/{}", *process));
    if (is_gone) std::filesystem::remove_all(entry.path(), ignored);
  }
}

RunDirectory::~RunDirectory() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

void RunDirectory::fill(const Order& order, const std::filesystem::path& hook) const {
  std::filesystem::create_directory(path_ / kTokensFolder);
  write_file(path_ / kConfigFile, configuration_text(path_.string(), order));
  write_file(path_ / kAccountKeyFile, order.account_key);
  write_file(path_ / kRequestFile, order.request);
  if (!order.roots.empty()) write_file(path_ / kRootsFile, order.roots);
  std::filesystem::create_symlink(hook, path_ / kHookName);
}

}  // namespace deis::controller::acme
