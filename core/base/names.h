#pragma once
// Names that arrive from outside, as types. parse() is the only way to make one, so a function that takes
// an AppId can neither be given a user name nor an unchecked string. Rules: contract api.md §3.1, §4, §10.1.

#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

namespace deis {

// Tag supplies: static constexpr const char* kField; static void check(std::string_view) (throws Error
// invalid).
template <typename Tag>
class Name {
 public:
  // Throws Error{invalid, Tag::kField} with the rule that was broken.
  static Name parse(std::string_view text) {
    Tag::check(text);
    return Name(std::string(text));
  }

  const std::string& str() const { return text_; }
  auto operator<=>(const Name&) const = default;

 private:
  explicit Name(std::string text) : text_(std::move(text)) {}
  std::string text_;
};

struct AppIdRule {  // 1-64 of [a-z0-9-]
  static constexpr const char* kField = "id";
  static void check(std::string_view text);
};
struct UserNameRule {  // 1-30 letters, digits, _ . @ + -; not AnonymousUser
  static constexpr const char* kField = "username";
  static void check(std::string_view text);
};
struct ProcessTypeRule {  // 1-128 letters, digits, - _ .
  static constexpr const char* kField = "type";
  static void check(std::string_view text);
};
struct ConfigKeyRule {  // letter or _, then letters, digits, _; at most 256
  static constexpr const char* kField = "values";
  static void check(std::string_view text);
};
struct CommitShaRule {  // 8-40 lower-case hex digits
  static constexpr const char* kField = "sha";
  static void check(std::string_view text);
};

using AppId = Name<AppIdRule>;
using UserName = Name<UserNameRule>;
using ProcessType = Name<ProcessTypeRule>;
using ConfigKey = Name<ConfigKeyRule>;
using CommitSha = Name<CommitShaRule>;

// The identity of one container everywhere (contract components.md §6.3): "<app>_v<N>.<type>.<num>".
struct JobName {
  AppId app;
  std::int64_t release;  // >= 1
  ProcessType type;
  int num;  // >= 1

  std::string str() const;
  // Throws Error{invalid, "job"}.
  static JobName parse(std::string_view text);
  auto operator<=>(const JobName&) const = default;
};

}  // namespace deis
