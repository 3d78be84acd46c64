#pragma once
// The mapping between boost::json::value and described structs. Included by json.h only.
// Boost 1.81's own conversion refuses extra and missing keys, which no wire format of ours can live with.

#include "core/base/error.h"

#include <boost/describe.hpp>
#include <boost/json.hpp>
#include <boost/mp11.hpp>

#include <cstdint>
#include <limits>
#include <map>
#include <optional>
#include <string>
#include <type_traits>
#include <vector>

namespace deis::json {
namespace mapper {

// Where we are in the document, as a chain on the stack; turned into text only for an error.
struct Path {
  const Path* parent = nullptr;
  std::string_view member;
  std::int64_t index = -1;

  std::string str() const {
    const std::string before = parent ? parent->str() : "";
    if (index >= 0) return before + "[" + std::to_string(index) + "]";
    return member.empty() ? before : before + "." + std::string(member);
  }
};

[[noreturn]] inline void expected(const Path& path, const char* what) {
  const std::string where = path.str();
  throw Error(ErrorCode::invalid, (where.empty() ? "document" : where) + ": expected " + what);
}

template <typename T>
struct IsOptional : std::false_type {};
template <typename T>
struct IsOptional<std::optional<T>> : std::true_type {};

template <typename T>
struct IsVector : std::false_type {};
template <typename T>
struct IsVector<std::vector<T>> : std::true_type {};

template <typename T>
struct IsMap : std::false_type {};
template <typename T, typename C>
struct IsMap<std::map<std::string, T, C>> : std::true_type {};

template <typename T>
void read(const boost::json::value& v, T& out, const Path& path);

template <typename T>
void read_integer(const boost::json::value& v, T& out, const Path& path) {
  if (const auto* number = v.if_int64()) {
    if (!std::in_range<T>(*number)) expected(path, "an integer in range");
    out = static_cast<T>(*number);
  } else if (const auto* big = v.if_uint64()) {
    if (!std::in_range<T>(*big)) expected(path, "an integer in range");
    out = static_cast<T>(*big);
  } else {
    expected(path, "an integer");
  }
}

template <typename T>
void read_struct(const boost::json::value& v, T& out, const Path& path) {
  const auto* object = v.if_object();
  if (!object) expected(path, "an object");
  using Members =
      boost::describe::describe_members<T, boost::describe::mod_public | boost::describe::mod_inherited>;
  boost::mp11::mp_for_each<Members>([&](auto member) {
    if (const auto* found = object->if_contains(member.name)) {
      const Path inner{.parent = &path, .member = member.name};
      read(*found, out.*member.pointer, inner);
    }
  });
}

template <typename T>
void read(const boost::json::value& v, T& out, const Path& path) {
  if constexpr (std::is_same_v<T, boost::json::value>) {
    out = v;
  } else if constexpr (IsOptional<T>::value) {
    if (v.is_null()) {
      out.reset();
    } else {
      read(v, out.emplace(), path);
    }
  } else if constexpr (std::is_same_v<T, bool>) {
    if (!v.is_bool()) expected(path, "a boolean");
    out = v.get_bool();
  } else if constexpr (std::is_integral_v<T>) {
    read_integer(v, out, path);
  } else if constexpr (std::is_floating_point_v<T>) {
    if (!v.is_number()) expected(path, "a number");
    out = v.to_number<T>();
  } else if constexpr (std::is_same_v<T, std::string>) {
    if (!v.is_string()) expected(path, "a string");
    out.assign(v.get_string().data(), v.get_string().size());
  } else if constexpr (IsVector<T>::value) {
    out.clear();
    if (v.is_null()) return;  // Docker and Go write null for an empty list
    const auto* array = v.if_array();
    if (!array) expected(path, "a list");
    for (std::size_t i = 0; i < array->size(); ++i) {
      const Path inner{.parent = &path, .member = {}, .index = static_cast<std::int64_t>(i)};
      typename T::value_type element{};
      read((*array)[i], element, inner);
      out.push_back(std::move(element));
    }
  } else if constexpr (IsMap<T>::value) {
    out.clear();
    if (v.is_null()) return;
    const auto* object = v.if_object();
    if (!object) expected(path, "an object");
    for (const auto& [key, element] : *object) {
      const Path inner{.parent = &path, .member = std::string_view(key.data(), key.size())};
      read(element, out[std::string(key)], inner);
    }
  } else {
    read_struct(v, out, path);
  }
}

template <typename T>
boost::json::value write(const T& t) {
  if constexpr (std::is_same_v<T, boost::json::value>) {
    return t;
  } else if constexpr (IsOptional<T>::value) {
    return t ? write(*t) : boost::json::value(nullptr);
  } else if constexpr (std::is_same_v<T, bool>) {
    return boost::json::value(t);
  } else if constexpr (std::is_arithmetic_v<T>) {
    return boost::json::value(t);
  } else if constexpr (std::is_convertible_v<const T&, std::string_view>) {
    return boost::json::value(boost::json::string(std::string_view(t)));
  } else if constexpr (IsVector<T>::value) {
    boost::json::array array;
    array.reserve(t.size());
    for (const auto& element : t) array.push_back(write<typename T::value_type>(element));
    return array;
  } else if constexpr (IsMap<T>::value) {
    boost::json::object object;
    for (const auto& [key, element] : t) object[key] = write(element);
    return object;
  } else {
    boost::json::object object;
    using Members =
        boost::describe::describe_members<T, boost::describe::mod_public | boost::describe::mod_inherited>;
    boost::mp11::mp_for_each<Members>([&](auto member) { object[member.name] = write(t.*member.pointer); });
    return object;
  }
}

}  // namespace mapper

template <typename T>
T from(const boost::json::value& v) {
  T out{};
  const mapper::Path root;
  mapper::read(v, out, root);
  return out;
}

template <typename T>
boost::json::value to_value(const T& t) {
  return mapper::write(t);
}

}  // namespace deis::json
