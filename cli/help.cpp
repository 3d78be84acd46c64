#include "cli/help.h"

#include <fmt/format.h>

#include <algorithm>

namespace deis::cli {
namespace {

constexpr std::size_t kWidth = 79;

// Paragraphs broken into lines of at most kWidth, each `indent` in.
std::string wrapped(const std::string& text, std::size_t indent) {
  std::string out, line;
  const auto end_line = [&] {
    if (!line.empty()) out += std::string(indent, ' ') + line + "\n";
    line.clear();
  };
  std::size_t begin = 0;
  while (begin <= text.size()) {
    const std::size_t end = std::min(text.find_first_of(" \n", begin), text.size());
    const std::string word = text.substr(begin, end - begin);
    if (!line.empty() && indent + line.size() + 1 + word.size() > kWidth) end_line();
    if (!word.empty()) line += (line.empty() ? "" : " ") + word;
    if (end < text.size() && text[end] == '\n') {
      end_line();
      out += "\n";
      begin = text.find_first_not_of('\n', end);
      if (begin == std::string::npos) break;
      continue;
    }
    begin = end + 1;
  }
  end_line();
  return out;
}

// "deis x [--a] [--b]" broken between its parts.
std::string wrapped_usage(const std::string& usage) {
  std::string out, line = "Usage: ";
  std::size_t begin = 0;
  while (begin < usage.size()) {
    std::size_t end = begin, depth = 0;
    for (; end < usage.size() && (usage[end] != ' ' || depth > 0); ++end) {
      if (usage[end] == '[') ++depth;
      if (usage[end] == ']') --depth;
    }
    const std::string part = usage.substr(begin, end - begin);
    if (line.size() + part.size() + 1 > kWidth) {
      out += line + "\n";
      line = "        ";
    }
    line += (line.ends_with(' ') ? "" : " ") + part;
    begin = end + 1;
  }
  return out + line + "\n";
}

std::string names_of(const Option& option) {
  const std::string letter = option.letter ? fmt::format("-{} ", option.letter) : "";
  return fmt::format("{}--{}{}", letter, option.name, option.takes_value() ? "=" + option.value : "");
}

const Command& help_itself() {
  static const Command help{.name = "help", .arguments = "[<command>]", .summary = "show help"};
  return help;
}

std::string shortcut_of(const std::string& name) {
  for (const auto& [shortcut, full] : shortcuts()) {
    if (full == name) return shortcut;
  }
  return "";
}

std::vector<std::string> groups() {
  std::vector<std::string> names;
  for (const Command& command : all_commands()) {
    if (std::ranges::find(names, command.group()) == names.end()) names.push_back(command.group());
  }
  return names;
}

std::vector<const Command*> commands_of(const std::string& group) {
  std::vector<const Command*> found;
  for (const Command& command : all_commands()) {
    if (command.group() == group) found.push_back(&command);
  }
  return found;
}

struct Setting {
  const char* name;
  const char* meaning;
};

constexpr Setting kEnvironment[] = {
    {"DEIS_PROFILE", "which login to use: ~/.deis/<profile>.json (client)"},
    {"DEIS_DRINK_OF_CHOICE", "what comes before scaling (coffee)"},
    {"DEIS_TIMEOUT", "seconds to wait for an answer (60 when reading, 1260 when changing something)"},
    {"NO_COLOR", "when set to anything: no colours. There are none outside of a terminal anyway"},
    {"SSL_CERT_FILE", "certificate authorities to trust instead of the system's"},
};

constexpr Setting kFiles[] = {
    {"~/.deis/<profile>.json",
     "who is logged in where; for its owner only (0600, its directory 0700). "
     "`response_limit` in it is the default of --limit (100)"},
    {".env", "what config:pull writes and config:push reads"},
    {"Procfile", "process types for builds:create"},
};

constexpr auto kPrinciples =
    "Data goes to standard output, errors and progress of roll-outs to standard error. With --json nothing "
    "but "
    "JSON goes to standard output: the objects of the controller's API, lists as arrays, all pages unless "
    "--limit is "
    "given.\n\n"
    "The exit code is 0, or 1 after any error; `deis run` returns that of the command.\n\n"
    "The application is --app, else the one of the git remote at the controller, else it has the name of the "
    "current "
    "directory.\n\n"
    "Each command can be written with a colon or as two words: `deis apps:create`, `deis apps create`. Long "
    "options may "
    "be shortened as long as they are clear. `deis foo:bar` runs the program deis-foo with the argument bar, "
    "when there "
    "is one.";

std::string escaped_markdown(const std::string& text) {
  std::string out;
  bool code = false;
  for (const char c : text) {
    if (c == '`') code = !code;
    if (c == '<' && !code) out += '\\';
    if (c == '|') out += '\\';
    out += c;
  }
  return out;
}

// A bar ends a cell, even in code.
std::string in_table(const std::string& code) {
  std::string out;
  for (const char c : code) out += c == '|' ? std::string("\\|") : std::string(1, c);
  return out;
}

std::string escaped_roff(const std::string& text) {
  std::string out;
  for (const char c : text) {
    if (c == '`') continue;
    if (c == '\\') {
      out += "\\e";
    } else if (c == '-') {
      out += "\\-";
    } else if ((c == '.' || c == '\'') && (out.empty() || out.back() == '\n')) {
      out += std::string("\\&") + c;
    } else {
      out += c;
    }
  }
  return out;
}

std::string paragraphs_roff(const std::string& text) {
  std::string out;
  std::size_t begin = 0;
  while (begin < text.size()) {
    const std::size_t end = std::min(text.find("\n\n", begin), text.size());
    out += ".PP\n" + escaped_roff(text.substr(begin, end - begin)) + "\n";
    begin = end + 2;
  }
  return out;
}

std::string markdown_of(const Command& command) {
  std::string out = fmt::format("### deis {}\n\n", command.name);
  std::string summary = command.summary;
  summary[0] = static_cast<char>(std::toupper(static_cast<unsigned char>(summary[0])));
  out += escaped_markdown(summary) + ".";
  if (!command.details.empty()) out += " " + escaped_markdown(command.details);
  out += fmt::format("\n\n```\n{}\n```\n\n", usage_of(command));
  if (const auto shortcut = shortcut_of(command.name); !shortcut.empty())
    out += fmt::format("Shortcut: `deis {}`\n\n", shortcut);
  if (!command.options.empty()) {
    out += "| option | |\n|---|---|\n";
    for (const Option& option : command.options)
      out += fmt::format("| `{}` | {} |\n", in_table(names_of(option)), escaped_markdown(option.help));
    out += "\n";
  }
  if (!command.json.empty()) out += "JSON: " + command.json + "\n\n";
  out += "```\n";
  for (const Example& example : command.examples)
    out += example.command + (example.comment.empty() ? "" : "    # " + example.comment) + "\n";
  return out + "```\n\n";
}

std::string man_of(const Command& command) {
  std::string out = fmt::format(".SS deis {}\n", escaped_roff(command.name));
  out += escaped_roff(command.summary) + ".\n";
  if (!command.details.empty()) out += paragraphs_roff(command.details);
  out += ".PP\n.nf\n" + escaped_roff(wrapped_usage(usage_of(command))) + ".fi\n";
  if (const auto shortcut = shortcut_of(command.name); !shortcut.empty())
    out += ".PP\nShortcut: deis " + escaped_roff(shortcut) + "\n";
  for (const Option& option : command.options)
    out += fmt::format(".TP\n.B {}\n{}\n", escaped_roff(names_of(option)), escaped_roff(option.help));
  if (!command.json.empty()) out += ".PP\nJSON: " + escaped_roff(command.json) + "\n";
  out += ".PP\nExamples:\n.PP\n.nf\n";
  for (const Example& example : command.examples)
    out += "  " +
           escaped_roff(example.command + (example.comment.empty() ? "" : "    # " + example.comment)) + "\n";
  return out + ".fi\n";
}

}  // namespace

std::string overview() {
  std::string out = fmt::format(
      "The Deis command-line client deploys and manages your apps on a Deis platform.\n\n{}\n\n"
      "Commands, `deis help <command>` shows more:\n",
      kUsage);
  for (const std::string& group : groups()) {
    out += fmt::format("\n{}: {}\n", group, group_summary(group));
    for (const Command* command : commands_of(group))
      out += fmt::format("  {:<21} {}\n", command->name, command->summary);
  }
  out += fmt::format(
      "\nhelp: {}\n  {:<21} for a command or a group, as `deis x --help` does\n",
      help_itself().summary,
      "help [<command>]");
  out += "\nShortcuts:\n\n";
  for (const auto& [shortcut, full] : shortcuts()) out += fmt::format("  {:<21} {}\n", shortcut, full);
  return out + "\nUse 'git push deis master' to deploy to an app. `man deis` has all of this.\n";
}

std::string group_help(const std::string& group) {
  const auto commands = commands_of(group);
  if (commands.empty()) return "";
  std::string out = fmt::format("deis {}: {}\n\n", group, group_summary(group));
  for (const Command* command : commands)
    out += fmt::format("  {:<21} {}\n", command->name, command->summary);
  return out +
         fmt::format("\nUse 'deis help <command>' for more, as in 'deis help {}'.\n", commands.front()->name);
}

std::string command_help(const Command& command) {
  std::string out = wrapped(command.summary, 0);
  if (!command.details.empty()) out += "\n" + wrapped(command.details, 0);
  out += "\n" + wrapped_usage(usage_of(command));
  if (const auto shortcut = shortcut_of(command.name); !shortcut.empty())
    out += fmt::format("Shortcut: deis {}\n", shortcut);
  if (!command.options.empty()) {
    out += "\nOptions:\n";
    for (const Option& option : command.options)
      out += fmt::format("  {:<28} {}\n", names_of(option), option.help);
  }
  if (!command.json.empty()) out += "\n" + wrapped("JSON: " + command.json, 0);
  out += "\nExamples:\n";
  for (const Example& example : command.examples) {
    out += "  " + example.command + (example.comment.empty() ? "" : "    # " + example.comment) + "\n";
  }
  return out;
}

std::string reference_markdown() {
  std::string out =
      "# deis\n\n<!-- Made by script/reference from the table of commands in cli/; edit that. -->\n\n"
      "The command line of those who deploy applications. `deis help <command>` shows the same.\n\n";
  out += escaped_markdown(kPrinciples) + "\n\n## Environment\n\n| variable | |\n|---|---|\n";
  for (const auto& [name, meaning] : kEnvironment)
    out += fmt::format("| `{}` | {} |\n", name, escaped_markdown(meaning));
  out += "\n## Files\n\n| file | |\n|---|---|\n";
  for (const auto& [name, meaning] : kFiles)
    out += fmt::format("| `{}` | {} |\n", name, escaped_markdown(meaning));
  out += "\n## Shortcuts\n\n| | |\n|---|---|\n";
  for (const auto& [shortcut, full] : shortcuts()) out += fmt::format("| `{}` | `{}` |\n", shortcut, full);
  out += "\n";
  for (const std::string& group : groups()) {
    out += fmt::format("## {}: {}\n\n", group, group_summary(group));
    for (const Command* command : commands_of(group)) out += markdown_of(*command);
  }
  out.pop_back();
  return out;
}

std::string reference_man() {
  std::string out =
      ".\\\" Made by script/reference from the table of commands in cli/; edit that.\n"
      ".TH DEIS 1 \"\" \"Deis\" \"User Commands\"\n.SH NAME\ndeis \\- deploys and manages applications on a "
      "Deis platform\n.SH SYNOPSIS\n.B deis\n.I command\n[arguments]\n.SH DESCRIPTION\n";
  out += paragraphs_roff(kPrinciples);
  out += ".SH COMMANDS\n";
  for (const std::string& group : groups()) {
    for (const Command* command : commands_of(group)) out += man_of(*command);
  }
  out += ".SH SHORTCUTS\n";
  for (const auto& [shortcut, full] : shortcuts())
    out += fmt::format(".TP\n.B {}\n{}\n", escaped_roff(shortcut), escaped_roff(full));
  out += ".SH ENVIRONMENT\n";
  for (const auto& [name, meaning] : kEnvironment)
    out += fmt::format(".TP\n.B {}\n{}\n", name, escaped_roff(meaning));
  out += ".SH FILES\n";
  for (const auto& [name, meaning] : kFiles)
    out += fmt::format(".TP\n.I {}\n{}\n", escaped_roff(name), escaped_roff(meaning));
  return out;
}

}  // namespace deis::cli
