#include "cli/commands/shared.h"
#include "cli/output.h"
#include "core/base/text.h"
#include "core/json/json.h"

#include <iostream>

namespace deis::cli {
namespace {

int list(Session& session) {
  const json::value page = session.page(session.app_path("domains/"));
  if (session.json()) return session.print_results(page);
  std::cout << domains_text(session, page);
  return 0;
}

int add(Session& session) {
  const std::string& domain = session.words()[0];
  json::value made;
  session.progress("Adding " + domain + " to " + session.app() + "... ", [&] {
    const json::object body{{"domain", domain}};
    made = session.api().post(session.app_path("domains/"), body);
  });
  session.say() << "done\n";
  return session.json() ? session.print_json(made) : 0;
}

int remove(Session& session) {
  const std::string& domain = session.words()[0];
  session.progress("Removing " + domain + " from " + session.app() + "... ", [&] {
    session.api().erase(session.app_path("domains/" + url_encode(domain)));
  });
  std::cout << "done\n";
  return 0;
}

}  // namespace

std::string domains_text(Session& session, const json::value& page) {
  const auto domains = column(page, "domain");
  return header(session.app() + " Domains", domains.size(), count_of(page)) + listed(domains);
}

std::vector<Command> domains_commands() {
  const std::string shape = "`app domain owner created updated`";
  return {
      {.name = "domains:list",
       .summary = "list an application's domains",
       .options = {kAppOption, kLimitOption},
       .examples = {{"deis domains -a shop", ""}},
       .json = "array of domains: " + shape,
       .run = list},
      {.name = "domains:add",
       .arguments = "<domain>",
       .summary = "serve an application under a domain",
       .options = {kAppOption},
       .examples = {{"deis domains:add www.example.com -a shop", ""}},
       .json = "the domain: " + shape,
       .run = add},
      {.name = "domains:remove",
       .arguments = "<domain>",
       .summary = "take a domain away from an application",
       .options = {kAppOption},
       .examples = {{"deis domains:remove www.example.com -a shop", ""}},
       .run = remove,
       .completes = Completes::domain}};
}

}  // namespace deis::cli
