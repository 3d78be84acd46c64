#include "cli/commands/shared.h"
#include "cli/output.h"
#include "cli/public_key.h"
#include "cli/terminal.h"
#include "core/base/error.h"
#include "core/base/text.h"
#include "core/json/json.h"

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <iostream>

namespace deis::cli {
namespace {

namespace fs = std::filesystem;

int list(Session& session) {
  const json::value page = session.page("/v1/keys/");
  if (session.json()) return session.print_results(page);
  std::map<std::string, std::string> keys;
  for (const json::value& key : results_of(page))
    keys[text_of(key, "id")] = shortened(text_of(key, "public"));
  std::cout << header(session.profile().username + " Keys", results_of(page).size(), count_of(page));
  for (const auto& [id, text] : keys) std::cout << id << " " << text << "\n";
  return 0;
}

fs::path home() {
  const char* home = std::getenv("HOME");
  return home && *home ? home : "/";
}

// A numbered menu of ~/.ssh/*.pub, and 0 to type a path.
fs::path choose_key() {
  std::vector<fs::path> found;
  std::error_code missing;
  for (const auto& entry : fs::directory_iterator(home() / ".ssh", missing)) {
    if (entry.path().extension() == ".pub") found.push_back(entry.path());
  }
  std::sort(found.begin(), found.end());
  std::cout << "Found the following SSH public keys:\n";
  for (std::size_t i = 0; i < found.size(); ++i)
    std::cout << i + 1 << ") " << found[i].filename().string() << "\n";
  std::cout << "0) Enter path to pubfile (or use keys:add <key_path>)\n";
  const auto choice = parse_int(trim(prompt("Which would you like to use with Deis? ")));
  if (!choice || *choice < 0 || *choice > static_cast<std::int64_t>(found.size()))
    throw Error(ErrorCode::invalid, "that is none of the numbers");
  if (*choice > 0) return found[static_cast<std::size_t>(*choice - 1)];
  const std::string typed(trim(prompt("Enter the path to the pubkey file: ")));
  return typed.starts_with("~/") ? home() / typed.substr(2) : fs::path(typed);
}

int add(Session& session) {
  const fs::path path = session.words().empty() ? choose_key() : fs::path(session.words()[0]);
  const std::string name = path.filename().string();
  const PublicKey key = read_public_key(read_file(path.string()), name);
  json::value made;
  session.progress("Uploading " + name + " to deis... ", [&] {
    const json::object body{{"id", key.id}, {"public", key.text}};
    made = session.api().post("/v1/keys/", body);
  });
  session.say() << "done\n";
  return session.json() ? session.print_json(made) : 0;
}

int remove(Session& session) {
  const std::string& id = session.words()[0];
  session.progress(
      "Removing " + id + " SSH Key... ", [&] { session.api().erase("/v1/keys/" + url_encode(id)); });
  std::cout << "done\n";
  return 0;
}

}  // namespace

std::vector<Command> keys_commands() {
  const std::string shape = "`id public fingerprint owner uuid created updated`";
  return {
      {.name = "keys:list",
       .summary = "list your SSH keys",
       .options = {kLimitOption},
       .examples = {{"deis keys", ""}},
       .json = "array of keys: " + shape,
       .run = list},
      {.name = "keys:add",
       .arguments = "[<file>]",
       .summary = "upload an SSH public key, for git push",
       .details = "Without a file the keys in ~/.ssh are offered. RSA, DSS, ECDSA, Ed25519 and security keys "
                  "are taken; "
                  "the key is called by its comment, else by the file.",
       .examples = {{"deis keys:add ~/.ssh/id_ed25519.pub", ""}},
       .json = "the key: " + shape,
       .run = add,
       .completes = Completes::file},
      {.name = "keys:remove",
       .arguments = "<id>",
       .summary = "remove an SSH key",
       .examples = {{"deis keys:remove ann@laptop", ""}},
       .run = remove}};
}

}  // namespace deis::cli
