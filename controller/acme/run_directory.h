#pragma once
// The private directory of one order and what dehydrated finds in it.

#include <filesystem>
#include <string>

namespace deis::controller::acme {

struct Order;

// Made with its parent, mode 0700; removed with everything in it by the destructor.
class RunDirectory {
 public:
  explicit RunDirectory(const std::filesystem::path& parent);
  // Those of controllers that were killed.
  static void remove_orphans(const std::filesystem::path& parent);
  ~RunDirectory();
  RunDirectory(const RunDirectory&) = delete;
  RunDirectory& operator=(const RunDirectory&) = delete;

  const std::filesystem::path& path() const { return path_; }
  // Configuration, account key, signing request, authorities, and the hook as a link to `hook`.
  void fill(const Order& order, const std::filesystem::path& hook) const;

 private:
  std::filesystem::path path_;
};

inline constexpr auto kConfigFile = "config";
inline constexpr auto kAccountKeyFile = "account.pem";
inline constexpr auto kRequestFile = "request.pem";
inline constexpr auto kGateFile = "gate";

// The program's configuration is a piece of shell: text in single quotes is only text. Pure.
std::string shell_quoted(const std::string& text);
std::string configuration_text(const std::string& place, const Order& order);

}  // namespace deis::controller::acme
