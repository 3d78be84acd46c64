// Access tokens for programs, and the audit log.

#include "cli/commands/shared.h"
#include "cli/output.h"
#include "core/base/error.h"
#include "core/base/text.h"
#include "core/json/json.h"

#include <iostream>

namespace deis::cli {
namespace {

std::string names_in(const json::value& token, const char* key, const std::string& none) {
  std::vector<std::string> names;
  for (const json::value& name : array_in(token, key)) {
    if (name.is_string()) names.emplace_back(name.get_string());
  }
  return names.empty() ? none : join(names, ",");
}

std::string or_dash(const std::string& text) {
  return text.empty() ? "-" : text;
}

int list_tokens(Session& session) {
  const json::value page = session.page("/v1/tokens/");
  if (session.json()) return session.print_results(page);
  std::cout << header(session.profile().username + " Tokens", results_of(page).size(), count_of(page));
  if (results_of(page).empty()) return 0;
  std::vector<std::vector<std::string>> rows{{"ID", "NAME", "SCOPES", "APPS", "EXPIRES", "LAST USED"}};
  for (const json::value& token : results_of(page)) {
    rows.push_back(
        {text_of(token, "id"),
         text_of(token, "name"),
         names_in(token, "scopes", "-"),
         names_in(token, "apps", "all"),
         or_dash(text_of(token, "expires")),
         or_dash(text_of(token, "last_used"))});
  }
  std::cout << columns(rows);
  return 0;
}

json::array words_of(const std::string& list) {
  json::array words;
  for (const auto word : split(list, ',')) {
    if (!trim(word).empty()) words.emplace_back(trim(word));
  }
  return words;
}

// "90d", "12h", "30m", "3600" -> seconds
std::int64_t duration_of(const std::string& text) {
  std::string_view digits = text;
  std::int64_t unit = 1;
  if (!digits.empty()) {
    const char last = digits.back();
    unit = last == 'd' ? 86400 : last == 'h' ? 3600 : last == 'm' ? 60 : 1;
    if (unit > 1 || last == 's') digits.remove_suffix(1);
  }
  const auto number = parse_int(digits);
  if (!number || *number < 1 || *number > 100'000'000)
    throw Error(ErrorCode::invalid, "'" + text + "' is not a time like 90d, 12h, 30m or 3600 (seconds)");
  return *number * unit;
}

int create_token(Session& session) {
  json::object body{{"name", session.words()[0]}};
  body["scopes"] = words_of(session.find("scopes").value_or("read"));
  if (const auto apps = session.find("apps")) body["apps"] = words_of(*apps);
  if (const auto expires = session.find("expires-in")) body["expires_in"] = duration_of(*expires);
  json::value token;
  // The token is the only thing on standard output, so that $(...) takes it.
  std::cerr << "Creating token... " << std::flush;
  token = session.api().post("/v1/tokens/", body);
  std::cerr << "done, " << text_of(token, "id") << "; it is shown this once\n";
  if (session.json()) return session.print_json(token);
  std::cout << text_of(token, "token") << "\n";
  return 0;
}

int revoke_token(Session& session) {
  const std::string& id = session.words()[0];
  session.progress(
      "Revoking " + id + "... ", [&] { session.api().erase("/v1/tokens/" + url_encode(id) + "/"); });
  std::cout << "done\n";
  return 0;
}

int list_audit(Session& session) {
  const bool all = session.has("all");
  const json::value page = session.page(all ? "/v1/audit/" : session.app_path("audit/"));
  if (session.json()) return session.print_results(page);
  std::cout << header(all ? "Audit" : session.app() + " Audit", results_of(page).size(), count_of(page));
  if (results_of(page).empty()) return 0;
  std::vector<std::vector<std::string>> rows{
      {"TIME", "USER", "ADDRESS", "ACTION", "APP", "STATUS", "DETAIL"}};
  for (const json::value& entry : results_of(page)) {
    std::vector<std::string> row;
    for (const char* key : {"time", "user", "address", "action", "app", "status", "detail"})
      row.push_back(or_dash(text_of(entry, key)));
    rows.push_back(std::move(row));
  }
  std::cout << columns(rows);
  return 0;
}

}  // namespace

std::vector<Command> tokens_commands() {
  const std::string shape = "`id name scopes apps created expires last_used`";
  return {
      {.name = "tokens:list",
       .summary = "list your access tokens",
       .options = {kLimitOption},
       .examples = {{"deis tokens", ""}},
       .json = "array of tokens: " + shape,
       .run = list_tokens},
      {.name = "tokens:create",
       .arguments = "<name>",
       .summary = "make an access token for a program",
       .details = "Scopes are `read` (look at everything), `deploy` (read, and builds, releases, config, "
                  "scale, restart and "
                  "run) and `admin` (all that you may do, but neither tokens nor the password). Only the "
                  "token is written to "
                  "standard output, and only this once.",
       .options =
           {{"scopes", 's', "<scopes>", "parted by commas (read)"},
            {"apps", 0, "<apps>", "only these applications, parted by commas", Completes::app},
            {"expires-in", 0, "<time>", "as in 90d, 12h, 30m; without it it does not expire"}},
       .examples =
           {{"deis tokens:create ci --scopes=deploy --apps=shop --expires-in=90d", ""},
            {"TOKEN=$(deis tokens:create monitoring)", ""}},
       .json = "the token: " + shape + " and `token`",
       .run = create_token},
      {.name = "tokens:revoke",
       .arguments = "<id>",
       .summary = "end an access token",
       .examples = {{"deis tokens:revoke 1a2b3c4d", ""}},
       .run = revoke_token}};
}

std::vector<Command> audit_commands() {
  return {
      {.name = "audit:list",
       .summary = "show who did what to an application, newest first",
       .options = {kAppOption, kLimitOption, {"all", 0, "", "on the whole platform, as an administrator"}},
       .examples = {{"deis audit -a shop", ""}, {"deis audit --all -l 20", ""}},
       .json = "array of entries: `id time user address action app detail status`",
       .run = list_audit}};
}

}  // namespace deis::cli
