#pragma once
// What more than one command shows or reads.

#include "cli/session.h"

#include <map>
#include <optional>
#include <string>

namespace deis::cli {

std::string processes_text(Session& session, const boost::json::value& page);  // === shop Processes ...
std::string domains_text(Session& session, const boost::json::value& page);    // === shop Domains ...

// "web=2" -> {"web", "2"}; nullopt when there is no '=', nothing before it, or nothing behind it.
std::optional<std::pair<std::string, std::string>> split_pair(const std::string& text);
// Says that `word` is skipped, and what would have been right: "'x' does not match the pattern ...".
void say_skipped(Session& session, const std::string& word, const std::string& pattern);

// The value of an option that must be a whole number from 0. Throws Error{invalid} that names the option.
std::int64_t option_number(const std::string& option, const std::string& value);
// --canary of commands that make a release: how many per cent of the requests it gets beside the live one.
inline const Option kCanaryOption{
    .name = "canary",
    .value = "<percent>",
    .help = "make it a canary: so much of the requests, and everybody only with releases:promote",
    .extension = true};
// Puts it into the body.
void add_canary(Session& session, boost::json::object& body);

// A JSON body with `members` under `key`; empty when there are none (contract §8.4, config:set).
boost::json::object under(const std::string& key, boost::json::object members);

// The whole of a file. Throws Error{not_found} naming it and the system's reason.
std::string read_file(const std::string& path);

// Stops for the name of the app unless --confirm=<app> was given. Throws Error{invalid} on a mismatch.
void confirm_app(Session& session, const std::string& warning);

}  // namespace deis::cli
