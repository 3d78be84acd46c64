// JSON documents: what is read can be written and read again; limits hold; keys are there once.
#include "core/base/fuzz.h"
#include "core/base/text.h"
#include "core/json/bounded.h"

#include <algorithm>

namespace deis::json {
namespace {

struct Inner {
  bool flag = false;
  std::optional<std::string> text;
  std::int16_t small = 0;
  bool operator==(const Inner&) const = default;
};
BOOST_DESCRIBE_STRUCT(Inner, (), (flag, text, small))

struct Outer {
  std::string id;
  std::uint64_t big = 0;
  std::vector<Inner> list;
  std::map<std::string, Inner> map;
  bool operator==(const Outer&) const = default;
};
BOOST_DESCRIBE_STRUCT(Outer, (), (id, big, list, map))

struct Size {
  std::size_t values = 0, keys = 0, depth = 0;
};

Size size_of(const value& v) {
  Size size{.values = 1};
  const auto add = [&](const value& inner) {
    const Size of = size_of(inner);
    size.values += of.values;
    size.keys += of.keys;
    size.depth = std::max(size.depth, of.depth);
  };
  if (const auto* object = v.if_object()) {
    size.keys = object->size();
    for (const auto& member : *object) add(member.value());
  } else if (const auto* array = v.if_array()) {
    for (const auto& element : *array) add(element);
  } else {
    return size;
  }
  ++size.depth;
  return size;
}

std::optional<value> read(std::string_view text, const Limits& limits) {
  try {
    return parse(text, limits);
  } catch (const Error& error) {
    FUZZ_REQUIRE(error.code() == ErrorCode::invalid);
    FUZZ_REQUIRE(std::string_view(error.what()).starts_with("JSON parse error - "));
    FUZZ_REQUIRE(std::string_view(error.what()).size() < 300);
    FUZZ_REQUIRE(is_valid_utf8(error.what()));
    return std::nullopt;
  }
}

void check_mapping(const value& v) {
  Outer outer;
  try {
    outer = from<Outer>(v);
  } catch (const Error& error) {
    FUZZ_REQUIRE(error.code() == ErrorCode::invalid);
    return;
  }
  FUZZ_REQUIRE(from<Outer>(parse(to_string(outer))) == outer);
}

DEIS_FUZZ(json) {
  const auto v = read(input, Limits());
  const Limits tight{.depth = 3, .values = 12, .keys = 6};
  const auto bounded = read(input, tight);
  FUZZ_REQUIRE(v || !bounded);
  if (!v) return;
  const Size size = size_of(*v);
  const bool fits = size.depth <= tight.depth && size.values <= tight.values && size.keys <= tight.keys;
  FUZZ_REQUIRE(!bounded || fits);
  const std::string text = to_text(*v);
  FUZZ_REQUIRE(is_valid_utf8(text));
  const auto again = read(text, Limits());
  FUZZ_REQUIRE(again && to_text(*again) == text);
  check_mapping(*v);
}

}  // namespace
}  // namespace deis::json
