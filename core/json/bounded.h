#pragma once
// Documents of strangers, bounded by whoever takes them in: a tree needs many times the memory of its text.

#include "core/json/json.h"

#include <limits>

namespace deis::json {

struct Limits {
  std::size_t depth = 64;
  std::size_t values = std::numeric_limits<std::size_t>::max();  // of all kinds, in the whole document
  std::size_t keys = std::numeric_limits<std::size_t>::max();    // of all objects together
};

// As parse(text), and Error{invalid} naming the limit when the document is over one.
value parse(std::string_view text, const Limits& limits);

}  // namespace deis::json
