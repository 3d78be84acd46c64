#include "cli/command.h"
#include "cli/output.h"
#include "core/base/error.h"
#include "core/base/text.h"
#include "core/json/json.h"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <sstream>

namespace deis::cli {
namespace {

namespace fs = std::filesystem;

int list(Session& session) {
  const json::value page = session.api().get("/v1/keys/" + session.limit_query());
  std::map<std::string, std::string> keys;
  for (const json::value& key : results_of(page)) {
    const std::string text = text_of(key, "public");
    keys[text_of(key, "id")] =
        text.substr(0, 16) + "..." + text.substr(text.size() < 10 ? 0 : text.size() - 10);
  }
  print_header(session.profile().username + " Keys", keys.size(), count_of(page));
  for (const auto& [id, text] : keys) std::cout << id << " " << trim(text) << "\n";
  return 0;
}

// A numbered menu of ~/.ssh/*.pub, and 0 to type a path.
fs::path choose_key() {
  const char* home = std::getenv("HOME");
  std::vector<fs::path> found;
  std::error_code missing;
  for (const auto& entry : fs::directory_iterator(fs::path(home ? home : "/") / ".ssh", missing)) {
    if (entry.path().extension() == ".pub") found.push_back(entry.path());
  }
  std::cout << "Found the following SSH public keys:\n";
  for (std::size_t i = 0; i < found.size(); ++i)
    std::cout << i + 1 << ") " << found[i].filename().string() << "\n";
  std::cout << "0) Enter path to pubfile (or use keys:add <key_path>)\n";
  const auto choice = parse_int(prompt("Which would you like to use with Deis? "));
  if (!choice || *choice < 0 || *choice > static_cast<std::int64_t>(found.size()))
    throw Error(ErrorCode::invalid, "that is none of the numbers");
  if (*choice == 0) return prompt("Enter the path to the pubkey file: ");
  return found[static_cast<std::size_t>(*choice - 1)];
}

int add(Session& session) {
  const auto& words = session.arguments().positional();
  const fs::path path = words.empty() ? choose_key() : fs::path(words[0]);
  std::ifstream file(path);
  if (!file) throw Error(ErrorCode::not_found, "cannot read " + path.string());
  std::ostringstream content;
  content << file.rdbuf();
  const std::string text(trim(content.str()));
  const auto parts = split(text, ' ');
  const bool known = parts.size() >= 2 && (parts[0].starts_with("ssh-") || parts[0].starts_with("ecdsa-") ||
                                           parts[0].starts_with("sk-"));
  if (!known) throw Error(ErrorCode::invalid, path.string() + " is not an SSH public key");
  const std::string name = path.filename().string();
  std::string id =
      parts.size() > 2 ? text.substr(parts[0].size() + parts[1].size() + 2) : name.substr(0, name.find('.'));
  with_progress("Uploading " + name + " to deis... ", [&] {
    session.api().post("/v1/keys/", json::object{{"id", id}, {"public", text}});
  });
  std::cout << "done\n";
  return 0;
}

int remove(Session& session) {
  const std::string& id = session.arguments().positional()[0];
  with_progress(
      "Removing " + id + " SSH Key... ", [&] { session.api().erase("/v1/keys/" + url_encode(id)); });
  std::cout << "done\n";
  return 0;
}

}  // namespace

std::vector<Command> keys_commands() {
  return {
      {"keys:list", "deis keys:list [-l --limit=<num>]", "list your SSH keys", {kLimitOption}, 0, 0, list},
      {"keys:add",
       "deis keys:add [<file>]",
       "upload an SSH public key, for git push\n\n  deis keys:add ~/.ssh/id_ed25519.pub",
       {},
       0,
       1,
       add},
      {"keys:remove", "deis keys:remove <id>", "remove an SSH key", {}, 1, 1, remove}};
}

}  // namespace deis::cli
