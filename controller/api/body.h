#pragma once
// Request bodies (contract api.md §1.5): JSON, a form or a multipart form, in UTF-8; empty is {}. Fields
// reads typed values and remembers every field that is wrong, so that one answer names them all.

#include "controller/domain/config_rules.h"
#include "controller/domain/validation.h"
#include "core/net/http.h"

#include <boost/json/object.hpp>

#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace deis::controller::api {

class UnsupportedMediaType : public Error {
 public:
  explicit UnsupportedMediaType(const std::string& what) : Error(ErrorCode::invalid, what) {}
  static UnsupportedMediaType of(std::string_view type);
};

// Throws Error{invalid}, UnsupportedMediaType.
boost::json::object read_body(const net::Request& request);

class Fields {
 public:
  explicit Fields(const boost::json::object& body) : body_(body) {}

  bool has(const std::string& name) const { return body_.contains(name); }
  // Text (numbers become text). Absent, null, blank or too long is a problem; then "" is returned.
  std::string required(const std::string& name, std::size_t maximum, Lines lines = Lines::one);
  // As required(), but "" when absent, and it may be blank.
  std::string optional(const std::string& name, std::size_t maximum, Lines lines = Lines::one);
  // true, false, or their text as forms send it. Absent: false.
  bool flag(const std::string& name);
  // A whole number, or its text. Absent or null: nullopt.
  std::optional<std::int64_t> number(const std::string& name);
  // A list of texts, or one text. Absent: empty.
  std::vector<std::string> strings(
      const std::string& name, std::size_t maximum_count, std::size_t maximum_characters);
  // An object, or text that holds one. Absent or bad: empty.
  StringMap map(const std::string& name);
  // The same where null removes a key.
  Patch patch(const std::string& name);

  // Collects what `NameType` (core/base/names.h) has against the text.
  template <typename NameType>
  void check_name(const std::string& field, const std::string& text) {
    problems_.collect(field, [&] { NameType::parse(text); });
  }
  void problem(const std::string& name, const std::string& message) { problems_.add(name, message); }
  // Collects what a check of several fields throws.
  void check_also(const std::function<void()>& check);
  void check() const { problems_.throw_if_any(); }

 private:
  std::optional<std::string> text(const std::string& name, std::size_t maximum, Lines lines);
  std::optional<boost::json::object> object(const std::string& name);

  const boost::json::object& body_;
  Problems problems_;
};

// Numbers and booleans as text; nullopt for null, arrays, objects and numbers that were rounded when they
// were read.
std::optional<std::string> scalar_text(const boost::json::value& value);

}  // namespace deis::controller::api
