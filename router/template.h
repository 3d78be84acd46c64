#pragma once
// Fills a text template. {{name}} is replaced by a value; what stands between {{#name}} and {{/name}} stays
// only when the value is neither empty nor "off", between {{^name}} and {{/name}} only when it is. Marks of
// parts stand on lines of their own, which go. Parts may be nested. What was put in is never looked at again.

#include <map>
#include <string>
#include <string_view>

namespace deis::router {

using TemplateValues = std::map<std::string, std::string, std::less<>>;

// Throws Error{internal} when the template names something that is not in `values` or leaves a part open: a
// bug.
std::string fill_template(std::string_view text, const TemplateValues& values);

}  // namespace deis::router
