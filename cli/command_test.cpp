// The table of commands, and what is made from it.

#include "cli/command.h"

#include "cli/completion.h"
#include "cli/dispatch.h"
#include "cli/help.h"

#include <gmock/gmock.h>

#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>

namespace deis::cli {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsSupersetOf;
using testing::Not;
using testing::StartsWith;
using Words = std::vector<std::string>;

std::string chosen(const Words& words) {
  const Chosen chosen = choose(words);
  return chosen.command ? chosen.command->name : "";
}

TEST(Commands, AreAllOfTheContract) {
  std::vector<std::string> names;
  for (const Command& command : all_commands()) names.push_back(command.name);
  const Words contract{
      "auth:register",   "auth:login",    "auth:logout",   "auth:whoami",       "auth:passwd",  "auth:cancel",
      "auth:regenerate", "apps:create",   "apps:list",     "apps:info",         "apps:open",    "apps:logs",
      "apps:run",        "apps:destroy",  "apps:transfer", "ps:list",           "ps:scale",     "ps:restart",
      "config:list",     "config:set",    "config:unset",  "config:pull",       "config:push",  "builds:list",
      "builds:create",   "releases:list", "releases:info", "releases:rollback", "limits:list",  "limits:set",
      "limits:unset",    "tags:list",     "tags:set",      "tags:unset",        "domains:list", "domains:add",
      "domains:remove",  "certs:list",    "certs:add",     "certs:remove",      "keys:list",    "keys:add",
      "keys:remove",     "perms:list",    "perms:create",  "perms:delete",      "users:list",   "git:remote"};
  EXPECT_THAT(names, IsSupersetOf(contract));
}

TEST(Commands, HaveASummaryAnExampleAndHelpForEveryOption) {
  std::set<std::string> names;
  for (const Command& command : all_commands()) {
    EXPECT_TRUE(names.insert(command.name).second) << command.name;
    EXPECT_FALSE(command.summary.empty()) << command.name;
    EXPECT_FALSE(command.examples.empty()) << command.name;
    EXPECT_FALSE(group_summary(command.group()).empty()) << command.name;
    EXPECT_TRUE(command.run) << command.name;
    std::set<char> letters;
    for (const Option& option : command.options) {
      EXPECT_FALSE(option.help.empty()) << command.name << " --" << option.name;
      const bool is_new = !option.letter || letters.insert(option.letter).second;
      EXPECT_TRUE(is_new) << command.name << " -" << option.letter;
    }
  }
  for (const auto& [shortcut, full] : shortcuts()) EXPECT_TRUE(names.contains(full)) << shortcut;
}

TEST(Commands, ExamplesAreCommandsThatExist) {
  for (const Command& command : all_commands()) {
    for (const Example& example : command.examples) {
      std::istringstream text(example.command);
      Words words;
      for (std::string word; text >> word;) words.push_back(word);
      const auto deis = std::find_if(words.begin(), words.end(), [](const std::string& word) {
        return word == "deis" || word.ends_with("$(deis") || word.ends_with("(deis");
      });
      ASSERT_NE(deis, words.end()) << example.command;
      EXPECT_NE(chosen(Words(deis + 1, words.end())), "") << example.command;
    }
  }
}

TEST(Usage, ShowsTheContractsOptionsBeforeOurs) {
  const Chosen list = choose({"apps"});
  EXPECT_EQ(usage_of(*list.command), "deis apps:list [-l --limit=<num>] [--json]");
  const Chosen run = choose({"run"});
  EXPECT_THAT(usage_of(*run.command), testing::EndsWith("[--] <command>..."));
}

TEST(Usage, SaysHowManyArgumentsThereMayBe) {
  EXPECT_EQ(arity_of("").most, 0U);
  EXPECT_EQ(arity_of("[<id>]").least, 0U);
  EXPECT_EQ(arity_of("[<id>]").most, 1U);
  EXPECT_EQ(arity_of("<cert> <key>").least, 2U);
  EXPECT_EQ(arity_of("<type>=<num>...").least, 1U);
  EXPECT_GT(arity_of("<type>=<num>...").most, 1000U);
  EXPECT_EQ(arity_of("[<type>[.<num>]]").most, 1U);
}

TEST(Dispatch, TakesColonsTwoWordsShortcutsAndBareGroups) {
  EXPECT_EQ(chosen({"apps:create", "shop"}), "apps:create");
  EXPECT_EQ(chosen({"apps", "create", "shop"}), "apps:create");
  EXPECT_EQ(choose({"apps", "create", "shop"}).words, 2U);
  EXPECT_EQ(chosen({"create", "shop"}), "apps:create");
  EXPECT_EQ(choose({"create", "shop"}).words, 1U);
  EXPECT_EQ(chosen({"apps"}), "apps:list");
  EXPECT_EQ(chosen({"apps", "--limit=1"}), "apps:list");
  EXPECT_EQ(chosen({"sharing"}), "perms:list");
  EXPECT_EQ(chosen({"sharing:add", "bob"}), "perms:create");
  EXPECT_EQ(chosen({"sharing", "add", "bob"}), "perms:create");
  EXPECT_EQ(chosen({"pull", "image"}), "builds:create");
  EXPECT_EQ(chosen({"maintenance"}), "maintenance:info");
  EXPECT_EQ(chosen({"run", "create"}), "apps:run");
  EXPECT_EQ(chosen({"completion", "bash"}), "completion");
}

TEST(Dispatch, KnowsWhatDoesNotExist) {
  for (const Words& words :
       std::vector<Words>{{"nope"}, {"apps:nope"}, {"apps", "nope"}, {"auth"}, {"git"}, {""}})
    EXPECT_EQ(chosen(words), "") << words[0];
}

TEST(Dispatch, AWordThatIsNoSlipIsAnArgumentOfTheList) {
  EXPECT_EQ(chosen({"ps", "web.1"}), "ps:list");
  EXPECT_EQ(chosen({"ps", "sclae"}), "");
}

TEST(Dispatch, AsksWhatWasMeant) {
  EXPECT_EQ(did_you_mean("apps:craete"), "Did you mean 'deis apps:create'?\n");
  EXPECT_EQ(did_you_mean("xyzzyx"), "");
}

TEST(Help, OfACommandHasUsageOptionsAndExamples) {
  const std::string help = command_help(*choose({"scale"}).command);
  EXPECT_THAT(help, HasSubstr("Usage: deis ps:scale <type>=<num>... [-a --app=<app>]"));
  EXPECT_THAT(help, HasSubstr("Shortcut: deis scale"));
  EXPECT_THAT(help, HasSubstr("  deis scale web=3 worker=1"));
  EXPECT_THAT(help, HasSubstr("-a --app=<app>"));
}

TEST(Help, OverviewNamesEveryCommand) {
  const std::string text = overview();
  for (const Command& command : all_commands()) EXPECT_THAT(text, HasSubstr("  " + command.name + " "));
}

std::string checked_in(const std::string& name) {
  std::ifstream file(std::filesystem::path(DEIS_SOURCE_DIRECTORY) / "docs" / "reference" / name);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

TEST(Reference, CheckedInCopiesAreWhatTheTableMakes) {
  EXPECT_EQ(checked_in("deis.md"), reference_markdown()) << "script/reference writes it again";
  EXPECT_EQ(checked_in("deis.1"), reference_man()) << "script/reference writes it again";
}

Words completed(const Words& words, std::vector<std::string> names = {}) {
  Words found;
  for (const Candidate& c : candidates(words, [&](Completes, const std::string&) { return names; }))
    found.push_back(c.word);
  return found;
}

TEST(Completion, OffersCommandsGroupsAndShortcuts) {
  EXPECT_THAT(completed({"apps:cr"}), ElementsAre("apps:create"));
  EXPECT_THAT(completed({"sc"}), ElementsAre("scale"));
  EXPECT_THAT(completed({"ap"}), IsSupersetOf({"apps", "apps:list", "apps:create"}));
  EXPECT_THAT(completed({"apps", "cr"}), ElementsAre("create"));
  EXPECT_THAT(completed({"help", "apps:cr"}), ElementsAre("apps:create"));
}

TEST(Completion, OffersOptionsAndTheirValues) {
  EXPECT_THAT(completed({"scale", "--a"}), ElementsAre("--app="));
  EXPECT_THAT(completed({"scale", "-a", "s"}, {"shop", "blog"}), ElementsAre("shop"));
  EXPECT_THAT(completed({"scale", "--app=s"}, {"shop", "blog"}), ElementsAre("--app=shop"));
  EXPECT_THAT(completed({"login", "--ssl-verify="}), ElementsAre("--ssl-verify=true", "--ssl-verify=false"));
  EXPECT_THAT(completed({"completion", "z"}), ElementsAre("zsh"));
  EXPECT_THAT(completed({"keys:add", ""}), ElementsAre(":file"));
}

TEST(Completion, AsksForNamesOfTheAppThatTheWordsName) {
  std::string asked;
  const auto names = [&](Completes what, const std::string& app) {
    asked = app;
    return what == Completes::type ? Words{"web", "worker"} : Words{};
  };
  const auto found = candidates({"scale", "-a", "shop", "w"}, names);
  EXPECT_EQ(asked, "shop");
  ASSERT_EQ(found.size(), 2U);
  EXPECT_EQ(found[0].word, "web=");
}

TEST(Completion, HasNothingToSayAboutWhatDoesNotExist) {
  EXPECT_TRUE(completed({"nope", ""}).empty());
  EXPECT_TRUE(completed({"nope:nope", "--x=", ""}).empty());
}

}  // namespace
}  // namespace deis::cli
