#include "controller/domain/validation.h"

#include "core/base/text.h"

#include <fmt/format.h>

#include <algorithm>

namespace deis::controller {
namespace {

std::string in_words(const FieldMessages& fields) {
  std::vector<std::string> parts;
  for (const auto& [field, messages] : fields) parts.push_back(field + ": " + join(messages, " "));
  return join(parts, "; ");
}

bool is_control(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return byte < 0x20 || byte == 0x7f;
}

bool is_layout(char c) {
  return c == '\n' || c == '\r' || c == '\t';
}

std::size_t count_characters(std::string_view utf8) {
  const auto is_start = [](char c) { return (static_cast<unsigned char>(c) & 0xc0) != 0x80; };
  return static_cast<std::size_t>(std::count_if(utf8.begin(), utf8.end(), is_start));
}

}  // namespace

ValidationError::ValidationError(FieldMessages fields)
    : Error(ErrorCode::invalid, in_words(fields)), fields_(std::move(fields)) {}

Error not_found() {
  return Error(ErrorCode::not_found, "Not found");
}

Error forbidden() {
  return Error(ErrorCode::forbidden, "You do not have permission to perform this action.");
}

void Problems::add(const std::string& field, const std::string& message) {
  auto& messages = fields_[field];
  if (std::ranges::find(messages, message) == messages.end()) messages.push_back(message);
}

void Problems::collect(const std::string& field, const std::function<void()>& check) {
  try {
    check();
  } catch (const Error& error) {
    if (error.code() != ErrorCode::invalid) throw;
    add(field, error.what());
  }
}

void Problems::throw_if_any() const {
  if (!fields_.empty()) throw ValidationError(fields_);
}

void check_text(
    const std::string& field, std::string_view text, std::size_t maximum_characters, Lines lines) {
  const auto invalid = [&](const std::string& message) { return Error(ErrorCode::invalid, field, message); };
  if (!is_valid_utf8(text)) throw invalid("This field is not valid UTF-8.");
  const auto forbidden = [lines](char c) { return is_control(c) && !(lines == Lines::many && is_layout(c)); };
  if (std::ranges::any_of(text, forbidden)) throw invalid("Control characters are not allowed.");
  if (count_characters(text) > maximum_characters) {
    throw invalid(fmt::format("Ensure this field has no more than {} characters.", maximum_characters));
  }
}

}  // namespace deis::controller
