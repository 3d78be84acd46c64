#pragma once
// Several fields can be wrong at once, and the contract wants them all told in one answer (api.md §1.6).
// Checks of many fields add to a Problems and throw at the end; checks of one value throw Error{invalid,
// field} as usual.

#include "core/base/error.h"

#include <functional>
#include <map>
#include <string>
#include <vector>

namespace deis::controller {

using FieldMessages = std::map<std::string, std::vector<std::string>>;

class ValidationError : public Error {
 public:
  explicit ValidationError(FieldMessages fields);
  const FieldMessages& fields() const { return fields_; }

 private:
  FieldMessages fields_;
};

class Problems {
 public:
  void add(const std::string& field, const std::string& message);  // the same message only once
  // Runs `check`; what it throws as Error{invalid} is collected under `field`.
  void collect(const std::string& field, const std::function<void()>& check);
  bool has(const std::string& field) const { return fields_.contains(field); }
  void throw_if_any() const;

 private:
  FieldMessages fields_;
};

// Message texts of the contract that more than one place needs.
inline constexpr const char* kRequired = "This field is required.";
inline constexpr const char* kNotNull = "This field may not be null.";
inline constexpr const char* kNotBlank = "This field may not be blank.";

// Refusals that are the same everywhere (contract api.md §1.4, §1.6).
Error not_found();
Error forbidden();

// Text that is shown, stored and logged: valid UTF-8 without control characters; `many` lines may hold tabs
// and line ends. Throws Error{invalid, field}.
enum class Lines { one, many };
void check_text(const std::string& field, std::string_view text, std::size_t maximum_characters, Lines lines);

}  // namespace deis::controller
