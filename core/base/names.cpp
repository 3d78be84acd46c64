#include "core/base/names.h"

#include "core/base/error.h"
#include "core/base/excerpt.h"
#include "core/base/text.h"

#include <fmt/format.h>

#include <algorithm>

namespace deis {
namespace {

bool is_lower(char c) {
  return c >= 'a' && c <= 'z';
}
bool is_letter(char c) {
  return is_lower(c) || (c >= 'A' && c <= 'Z');
}
bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

void check_length(const char* field, std::string_view text, std::size_t maximum) {
  if (text.empty()) throw Error(ErrorCode::invalid, field, "This field may not be blank.");
  if (text.size() > maximum) {
    throw Error(
        ErrorCode::invalid, field, fmt::format("Ensure this field has no more than {} characters.", maximum));
  }
}

template <typename Allowed>
void check_all(const char* field, std::string_view text, const char* rule, Allowed allowed) {
  if (!std::all_of(text.begin(), text.end(), allowed)) throw Error(ErrorCode::invalid, field, rule);
}

}  // namespace

void AppIdRule::check(std::string_view text) {
  check_length(kField, text, 64);
  check_all(kField, text, "App IDs can only contain [a-z0-9-].", [](char c) {
    return is_lower(c) || is_digit(c) || c == '-';
  });
}

void UserNameRule::check(std::string_view text) {
  check_length(kField, text, 30);
  constexpr auto rule = "Enter a valid username. It may contain only letters, digits and _ . @ + -";
  check_all(kField, text, rule, [](char c) {
    return is_letter(c) || is_digit(c) || std::string_view("_.@+-").find(c) != std::string_view::npos;
  });
  if (text == "AnonymousUser") throw Error(ErrorCode::invalid, kField, "AnonymousUser is a reserved name.");
}

void ProcessTypeRule::check(std::string_view text) {
  check_length(kField, text, 128);
  check_all(kField, text, "Process types can only contain letters, digits and - _ .", [](char c) {
    return is_letter(c) || is_digit(c) || c == '-' || c == '_' || c == '.';
  });
}

void ConfigKeyRule::check(std::string_view text) {
  check_length(kField, text, 256);
  constexpr auto rule = "Config keys must start with a letter or underscore and only contain [A-Za-z0-9_].";
  if (!is_letter(text.front()) && text.front() != '_') throw Error(ErrorCode::invalid, kField, rule);
  check_all(kField, text, rule, [](char c) { return is_letter(c) || is_digit(c) || c == '_'; });
}

void CommitShaRule::check(std::string_view text) {
  constexpr auto rule = "A commit is named by 8 to 40 lower-case hex digits.";
  if (text.size() < 8 || text.size() > 40) throw Error(ErrorCode::invalid, kField, rule);
  check_all(kField, text, rule, [](char c) { return is_digit(c) || (c >= 'a' && c <= 'f'); });
}

std::string JobName::str() const {
  return fmt::format("{}_v{}.{}.{}", app.str(), release, type.str(), num);
}

JobName JobName::parse(std::string_view text) {
  // App ids hold no '_' and numbers no '.', so the first "_v" and the last '.' are unambiguous even though
  // types may hold both characters.
  const auto bad = [&] {
    return Error(
        ErrorCode::invalid, "job", fmt::format("'{}' is not <app>_v<N>.<type>.<num>", excerpt(text)));
  };
  const auto version_at = text.find("_v");
  if (version_at == std::string_view::npos) throw bad();
  const auto type_at = text.find('.', version_at);
  const auto num_at = text.rfind('.');
  if (type_at == std::string_view::npos || num_at <= type_at) throw bad();
  const auto release = parse_int(text.substr(version_at + 2, type_at - version_at - 2));
  const auto num = parse_int(text.substr(num_at + 1));
  if (!release || *release < 1 || !num || *num < 1 || *num > 1'000'000) throw bad();
  return JobName{
      .app = AppId::parse(text.substr(0, version_at)),
      .release = *release,
      .type = ProcessType::parse(text.substr(type_at + 1, num_at - type_at - 1)),
      .num = static_cast<int>(*num)};
}

}  // namespace deis
