#include "cli/commands/shared.h"
#include "cli/output.h"
#include "core/base/text.h"
#include "core/json/json.h"

#include <algorithm>
#include <iostream>

namespace deis::cli {
namespace {

constexpr std::size_t kGap = 5;

std::string table(const json::array& certs) {
  const std::string name = "Common Name", expires = "Expires";
  std::size_t names = name.size(), dates = expires.size();
  for (const json::value& cert : certs) {
    names = std::max(names, text_of(cert, "common_name").size());
    dates = std::max(dates, text_of(cert, "expires").size());
  }
  const auto row = [&](const std::string& left, const std::string& right) {
    return left + std::string(names - left.size() + kGap, ' ') + right + "\n";
  };
  std::string text = row(name, expires) + row(std::string(names, '-'), std::string(dates, '-'));
  for (const json::value& cert : certs) text += row(text_of(cert, "common_name"), text_of(cert, "expires"));
  return text;
}

int list(Session& session) {
  const json::value page = session.page("/v1/certs/");
  if (session.json()) return session.print_results(page);
  std::cout << (results_of(page).empty() ? "No certs\n" : table(results_of(page)));
  return 0;
}

int add(Session& session) {
  json::object body{{"certificate", read_file(session.words()[0])}, {"key", read_file(session.words()[1])}};
  std::vector<std::string> names;
  if (const auto alternatives = session.find("subject-alt-names")) {
    for (const auto name : split(*alternatives, ',')) {
      if (!trim(name).empty()) names.emplace_back(trim(name));
    }
  } else if (const auto name = session.find("common-name")) {
    names.push_back(*name);
  }
  json::array made;
  session.progress("Adding SSL endpoint... ", [&] {
    if (names.empty()) made.push_back(session.api().post("/v1/certs/", body));
    for (const std::string& name : names) {
      body["common_name"] = name;
      made.push_back(session.api().post("/v1/certs/", body));
    }
  });
  session.say() << "done\n";
  return session.json() ? session.print_json(made) : 0;
}

int remove(Session& session) {
  const std::string& name = session.words()[0];
  session.progress(
      "Removing " + name + "... ", [&] { session.api().erase("/v1/certs/" + url_encode(name)); });
  std::cout << "done\n";
  return 0;
}

}  // namespace

std::vector<Command> certs_commands() {
  const std::string shape = "array of certificates: `id common_name expires owner created updated`";
  return {
      {.name = "certs:list",
       .summary = "list the certificates",
       .options = {kLimitOption},
       .examples = {{"deis certs", ""}},
       .json = shape,
       .run = list},
      {.name = "certs:add",
       .arguments = "<cert> <key>",
       .summary = "add a certificate and its key, both PEM files",
       .details = "The certificate's file may hold the authority's certificates behind it.",
       .options =
           {{"common-name", 0, "<name>", "the domain it is for, instead of the one in the certificate"},
            {"subject-alt-names", 0, "<names>", "several domains, parted by commas"}},
       .examples =
           {{"deis certs:add shop.pem shop.key", ""},
            {"deis certs:add all.pem all.key --subject-alt-names=example.com,www.example.com", ""}},
       .json = shape,
       .run = add,
       .completes = Completes::file},
      {.name = "certs:remove",
       .arguments = "<common-name>",
       .summary = "remove a certificate",
       .examples = {{"deis certs:remove www.example.com", ""}},
       .run = remove}};
}

}  // namespace deis::cli
