#pragma once
// What all commands print the same way (contract api.md §8.4).

#include <boost/json/value.hpp>

#include <functional>
#include <map>
#include <string>
#include <vector>

namespace deis::cli {

// "=== Apps", with " (1 of 3)" when the page is not all.
void print_header(const std::string& title, std::size_t shown, std::int64_t total);
// Sorted "KEY<pad>value" lines; values begin `gap` columns behind the longest key.
void print_pairs(const std::map<std::string, std::string>& pairs, std::size_t gap);

// "Creating Application... " while `work` runs, animated on a terminal; the caller prints what follows.
void with_progress(const std::string& text, const std::function<void()>& work);

// Member of an object as text: strings as they are, numbers in decimal, null and absent as "".
std::string text_of(const boost::json::value& object, const char* key);
const boost::json::array& results_of(const boost::json::value& page);
std::int64_t count_of(const boost::json::value& page);

std::string prompt(const std::string& question);         // on the terminal; what was typed
std::string prompt_secret(const std::string& question);  // without echo

}  // namespace deis::cli
