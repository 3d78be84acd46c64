#include "cli/commands/shared.h"
#include "cli/output.h"
#include "core/base/error.h"
#include "core/base/text.h"
#include "core/json/json.h"

#include <algorithm>
#include <array>
#include <iostream>

namespace deis::cli {
namespace {

constexpr std::size_t kGap = 5;

// "automatic", "automatic, failing"; "" for one that its user looks after.
std::string renewal(const json::value& cert) {
  const json::value* automatic = cert.as_object().if_contains("automatic");
  if (!automatic) return "";
  const std::string state = text_of(*automatic, "state");
  return state == "issued" ? "automatic" : "automatic, " + state;
}

// Two columns as Deis 1 has them; a third when there is something to say in it.
std::string table(const json::array& certs) {
  std::vector<std::vector<std::string>> rows = {{"Common Name", "Expires", "Renewal"}};
  bool any = false;
  for (const json::value& cert : certs) {
    rows.push_back({text_of(cert, "common_name"), text_of(cert, "expires"), renewal(cert)});
    any = any || !rows.back()[2].empty();
  }
  std::array<std::size_t, 3> widths{};
  for (const auto& row : rows) {
    for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], row[i].size());
  }
  rows.insert(
      rows.begin() + 1,
      {std::string(widths[0], '-'), std::string(widths[1], '-'), std::string(widths[2], '-')});
  std::string text;
  for (const auto& row : rows) {
    std::string line = row[0] + std::string(widths[0] - row[0].size() + kGap, ' ') + row[1];
    if (any) line += std::string(widths[1] - row[1].size() + kGap, ' ') + row[2];
    text += std::string(line.substr(0, line.find_last_not_of(' ') + 1)) + "\n";
  }
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

int info(Session& session) {
  const std::string& name = session.words()[0];
  const json::value cert = session.api().get("/v1/certs/" + url_encode(name));
  if (session.json()) return session.print_json(cert);
  std::cout << header(text_of(cert, "common_name") + " Certificate");
  for (const char* key : {"owner", "expires", "created"}) {
    std::cout << labelled(key, text_of(cert, key));
  }
  const json::value* automatic = cert.as_object().if_contains("automatic");
  std::cout << labelled("renewal", automatic ? renewal(cert) : "by hand");
  if (!automatic) return 0;
  std::cout << labelled("app", text_of(*automatic, "app"));
  std::cout << labelled("attempt", text_of(*automatic, "next_attempt"));
  const std::string error = text_of(*automatic, "last_error");
  if (!error.empty()) std::cout << labelled("error", error);
  return 0;
}

int list_automatic(Session& session) {
  const json::value page = session.page(session.app_path("certs/auto/"));
  if (session.json()) return session.print_results(page);
  std::vector<std::vector<std::string>> rows = {{"DOMAIN", "STATE", "EXPIRES", "NEXT ATTEMPT", "LAST ERROR"}};
  for (const json::value& cert : results_of(page)) {
    const std::string expires = text_of(cert, "expires");
    rows.push_back(
        {text_of(cert, "domain"),
         text_of(cert, "state"),
         expires.empty() ? "-" : expires,
         text_of(cert, "next_attempt"),
         text_of(cert, "last_error")});
  }
  std::cout << header(session.app() + " Automatic certificates", rows.size() - 1, count_of(page));
  if (rows.size() > 1) std::cout << columns(rows);
  return 0;
}

int automatic(Session& session) {
  if (session.words().empty()) {
    if (session.has("off")) throw Error(ErrorCode::invalid, "--off needs the domain");
    return list_automatic(session);
  }
  const std::string& domain = session.words()[0];
  if (session.has("off")) {
    session.progress("Renewing the certificate of " + domain + " no longer... ", [&] {
      session.api().erase(session.app_path("certs/auto/" + url_encode(domain)));
    });
    session.say() << "done\n";
    return 0;
  }
  json::value made;
  session.progress("Asking for a certificate of " + domain + "... ", [&] {
    const json::object body{{"domain", domain}};
    made = session.api().post(session.app_path("certs/auto/"), body);
  });
  session.say() << "done\n";
  if (session.json()) return session.print_json(made);
  std::cout << "It comes within a minute when the domain leads here; deis certs:auto shows how it is.\n";
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
      {.name = "certs:info",
       .arguments = "<common-name>",
       .summary = "show a certificate and how its renewal is",
       .examples = {{"deis certs:info www.example.com", ""}},
       .json = "the certificate: `id common_name expires owner created updated`, and `automatic` (`app state "
               "next_attempt last_error`) of one that the platform renews",
       .run = info},
      {.name = "certs:auto",
       .arguments = "[<domain>]",
       .summary = "get and renew the certificate of a domain by itself; without a domain: show how it is",
       .details =
           "The platform orders it from a certificate authority (Let's Encrypt, unless the operator chose "
           "another one) as soon as the domain leads to the platform, and again when two thirds of its life "
           "are over. Asked again, it looks again at once.",
       .options = {kAppOption, kLimitOption, {"off", 0, "", "renew it no longer; the certificate stays"}},
       .examples =
           {{"deis certs:auto www.example.com -a shop", "the domain is one of the application's"},
            {"deis certs:auto -a shop", ""},
            {"deis certs:auto --off www.example.com -a shop", ""}},
       .json = "the certificate, or an array of them: `domain app owner state expires created last_attempt "
               "next_attempt failures last_error`",
       .run = automatic,
       .completes = Completes::domain},
      {.name = "certs:remove",
       .arguments = "<common-name>",
       .summary = "remove a certificate",
       .examples = {{"deis certs:remove www.example.com", ""}},
       .run = remove}};
}

}  // namespace deis::cli
