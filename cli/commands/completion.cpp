#include "cli/session.h"
#include "core/base/error.h"
#include "shells.embedded.h"

#include <iostream>

namespace deis::cli {
namespace {

int print_script(Session& session) {
  const std::string& shell = session.words()[0];
  for (const auto& file : embedded::shells::files) {
    if (!file.name.ends_with("." + shell)) continue;
    std::cout << file.text;
    return 0;
  }
  throw Error(ErrorCode::invalid, "there is completion for bash, zsh and fish, not for '" + shell + "'");
}

}  // namespace

std::vector<Command> completion_commands() {
  return {
      {.name = "completion",
       .arguments = "<bash|zsh|fish>",
       .summary = "print the completion script of a shell",
       .details = "It completes commands, options, and names the controller knows: applications, process "
                  "types, config "
                  "keys, releases, domains, users. script/up installs it.",
       .examples =
           {{"source <(deis completion bash)", "in ~/.bashrc"},
            {"deis completion zsh > \"${fpath[1]}/_deis\"", ""},
            {"deis completion fish > ~/.config/fish/completions/deis.fish", ""}},
       .run = print_script,
       .completes = Completes::choice}};
}

}  // namespace deis::cli
