#include "cli/commands/shared.h"
#include "cli/output.h"
#include "core/base/error.h"
#include "core/json/json.h"

#include <yaml-cpp/yaml.h>

#include <filesystem>
#include <iostream>

namespace deis::cli {
namespace {

json::object parse_procfile(const std::string& text, const std::string& where) {
  json::object procfile;
  try {
    const YAML::Node root = YAML::Load(text);
    if (root.IsNull()) return procfile;
    if (!root.IsMap())
      throw YAML::Exception(
          YAML::Mark::null_mark(), "it must map process types to commands, as in web: ./start");
    for (const auto& entry : root) procfile[entry.first.as<std::string>()] = entry.second.as<std::string>();
  } catch (const YAML::Exception& error) {
    throw Error(ErrorCode::invalid, where + " cannot be used: " + error.what());
  }
  return procfile;
}

int list(Session& session) {
  const json::value page = session.page(session.app_path("builds/"));
  if (session.json()) return session.print_results(page);
  std::cout << header(session.app() + " Builds", results_of(page).size(), count_of(page));
  for (const json::value& build : results_of(page))
    std::cout << text_of(build, "uuid") << " " << text_of(build, "created") << "\n";
  return 0;
}

int create(Session& session) {
  json::object body{{"image", session.words()[0]}};
  std::error_code none;
  if (const auto given = session.find("procfile")) {
    body["procfile"] = parse_procfile(*given, "--procfile");
  } else if (std::filesystem::is_regular_file("Procfile", none)) {
    body["procfile"] = parse_procfile(read_file("Procfile"), "The Procfile of this directory");
  }
  add_canary(session, body);
  json::value build;
  session.roll_out(
      "Creating build... ", [&] { build = session.api().post(session.app_path("builds/"), body); });
  session.say() << "done\n";
  return session.json() ? session.print_json(build) : 0;
}

}  // namespace

std::vector<Command> builds_commands() {
  return {
      {.name = "builds:list",
       .summary = "list an application's builds, newest first",
       .options = {kAppOption, kLimitOption},
       .examples = {{"deis builds -a shop", ""}},
       .json = "array of builds: `uuid app owner image sha procfile dockerfile created updated`",
       .run = list},
      {.name = "builds:create",
       .arguments = "<image>",
       .summary = "deploy an image that exists",
       .details = "Process types come from --procfile, else from the file Procfile in this directory, else "
                  "the image's "
                  "own command runs as `cmd`.",
       .options =
           {kAppOption,
            {"procfile", 'p', "<yaml>", "process types and their commands, as YAML"},
            kCanaryOption,
            kVerboseOption},
       .examples =
           {{"deis pull registry.example.com/ann/shop:12 -a shop", ""},
            {"deis builds:create ann/shop:12 --procfile='web: ./start'", ""}},
       .json = "the build: `uuid app owner image sha procfile dockerfile created updated`",
       .run = create}};
}

}  // namespace deis::cli
