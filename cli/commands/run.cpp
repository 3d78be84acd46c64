// What an application says, and one-off commands in it.

#include "cli/attached.h"
#include "cli/commands/shared.h"
#include "cli/log_lines.h"
#include "cli/output.h"
#include "cli/terminal.h"
#include "core/base/error.h"
#include "core/base/text.h"
#include "core/json/json.h"

#include <iostream>
#include <sys/stat.h>
#include <unistd.h>

namespace deis::cli {
namespace {

// The body of the logs call is the text; quotes at both ends are not part of it (contract §1.7).
std::string_view unquoted(std::string_view text) {
  text = trim(text);
  if (text.size() >= 2 && text.starts_with('"') && text.ends_with('"'))
    text = text.substr(1, text.size() - 2);
  return text;
}

int logs(Session& session) {
  std::string query;
  if (const auto lines = session.find("lines")) {
    const auto number = parse_int(*lines);
    if (!number || *number < 1) throw Error(ErrorCode::invalid, "--lines must be a number from 1");
    query = "?log_lines=" + std::to_string(*number);
  }
  const std::string body = session.api().get_text(session.app_path("logs") + query);
  const std::string_view text = unquoted(body);
  const auto lines = text.empty() ? std::vector<std::string_view>() : split(text, '\n');
  if (session.json()) {
    json::array all;
    for (const auto line : lines) all.push_back(log_json(line));
    return session.print_json(all);
  }
  const bool with_colours = colours();
  for (const auto line : lines) {
    if (with_colours) {
      std::cout << coloured(line) << "\n";
    } else {
      std::cout << line << "\n";
    }
  }
  return 0;
}

int run_plain(Session& session, const std::string& command) {
  const json::object body{{"command", command}};
  return print_result(session.api().post(session.app_path("run"), body));
}

// The contract's form where its scripts may be: without a terminal and without a pipe to read from. `-i`,
// `-t` and `-d` are ours: then standard output belongs to the command alone.
struct RunForm {
  bool attached = false, tty = false, asked = false;
};

bool is_pipe(int descriptor) {
  struct stat about{};
  return ::fstat(descriptor, &about) == 0 && (S_ISFIFO(about.st_mode) || S_ISSOCK(about.st_mode));
}

RunForm form_of(const Session& session) {
  const bool both_terminals = is_terminal(STDIN_FILENO) && is_terminal(STDOUT_FILENO);
  RunForm form;
  form.asked = session.has("interactive") || session.has("tty") || session.has("detach");
  form.attached = form.asked || (!session.has("no-attach") && (both_terminals || is_pipe(STDIN_FILENO)));
  form.tty = session.has("tty") || (both_terminals && !session.has("detach"));
  return form;
}

int run(Session& session) {
  const std::string command = join(session.words(), " ");
  const RunForm form = form_of(session);
  (form.asked ? std::cerr : std::cout) << "Running '" << command << "'...\n" << std::flush;
  if (!form.attached) return run_plain(session, command);
  const AttachedRun attached{
      .command = command, .tty = form.tty, .one_output = !form.asked, .detach = session.has("detach")};
  return run_attached(session, attached);
}

int attach_again(Session& session) {
  const bool tty = is_terminal(STDIN_FILENO) && is_terminal(STDOUT_FILENO) && !session.has("no-tty");
  const AttachedRun attached{.tty = tty, .session = session.words()[0]};
  return run_attached(session, attached);
}

}  // namespace

std::vector<Command> run_commands() {
  return {
      {.name = "apps:logs",
       .summary = "show an application's log",
       .options = {kAppOption, {"lines", 'n', "<num>", "how many lines, the newest"}},
       .examples = {{"deis logs -a shop", ""}, {"deis logs -n 20 -a shop", ""}},
       .json = "array of lines: `line`, and `time process message` where it has them",
       .run = logs},
      {.name = "apps:run",
       .arguments = "<command>...",
       .summary = "run a command in a new container of the application; its exit code is ours",
       .details =
           "At a terminal the command has one too; Ctrl-P Ctrl-Q leaves it running. What is piped in is its "
           "input. Otherwise it has no input, and its output comes at its end.\n\n"
           "With -i, -t or -d nothing but the command's output goes to standard output, and its errors go to "
           "standard error; without them everything goes to standard output. What follows the first word "
           "belongs to the command, except -a <app> and --app=<app>.",
       .options =
           {kAppOption,
            {.name = "interactive",
             .letter = 'i',
             .help = "hand our standard input on, whatever it is",
             .extension = true},
            {.name = "tty", .letter = 't', .help = "give the command a terminal", .extension = true},
            {.name = "detach",
             .letter = 'd',
             .help = "leave it running, and say how to attach to it",
             .extension = true},
            {.name = "no-attach",
             .help = "no input, even at a terminal or behind a pipe",
             .extension = true}},
       .examples =
           {{"deis run bash -a shop", ""},
            {"deis run 'ls -la' -a shop", ""},
            {"deis run -a shop -- env", ""},
            {"pg_dump old | deis run -a shop psql", "the dump is its input"},
            {"deis run -i -a shop ./export >export.csv", "the file holds only what ./export wrote"}},
       .run = run,
       .tail = Tail::commands},
      {.name = "apps:attach",
       .arguments = "<session>",
       .summary = "attach to a command that was left running",
       .options =
           {kAppOption, {.name = "no-tty", .help = "it was started without a terminal", .extension = true}},
       .examples = {{"deis apps:attach 6f1c2a -a shop", ""}},
       .run = attach_again}};
}

}  // namespace deis::cli
