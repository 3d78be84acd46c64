#pragma once
// The output forms that commands share (contract api.md §8.4), as text; and reading the API's answers.

#include <boost/json/value.hpp>

#include <map>
#include <string>
#include <utility>
#include <vector>

namespace deis::cli {

// "=== Apps\n", with " (1 of 3)" when the page is not all.
std::string header(const std::string& title, std::size_t shown, std::int64_t total);
std::string header(const std::string& title);  // when there is no page
// Sorted "KEY<pad>value" lines; values begin `gap` columns behind the longest key.
std::string padded(const std::map<std::string, std::string>& pairs, std::size_t gap);
// "updated:  2026-...": label and value, values in one column.
std::string labelled(const std::string& label, const std::string& value);
// Columns parted by two blanks, the first row is the heading. For people at a terminal.
std::string columns(const std::vector<std::vector<std::string>>& rows);
// Columns parted by tabs as wide as the widest cell needs, tab stops every 8 (releases:list).
std::string tabbed(const std::vector<std::vector<std::string>>& rows);
// Sorted, one per line.
std::string listed(std::vector<std::string> names);
// How long ago, for people: "5m", "3h", "12d"; "-" when `stamp` is not the API's time.
std::string age(const std::string& stamp);

// Member of an object as text: strings as they are, numbers in decimal, null and absent as "".
std::string text_of(const boost::json::value& object, const char* key);
// A member that must be an object or array; Error{internal} that names it when it is not.
const boost::json::object& object_in(const boost::json::value& answer, const char* key);
const boost::json::array& array_in(const boost::json::value& answer, const char* key);
// The same with any values as text; an absent member is empty.
std::map<std::string, std::string> texts_in(const boost::json::value& answer, const char* key);
const boost::json::array& results_of(const boost::json::value& page);
std::int64_t count_of(const boost::json::value& page);
std::vector<std::string> column(const boost::json::value& page, const char* key);
// JSON with two blanks per level and a line end.
std::string pretty(const boost::json::value& value);

}  // namespace deis::cli
