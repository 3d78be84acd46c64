#include "cli/command.h"
#include "cli/output.h"
#include "core/base/error.h"
#include "core/json/json.h"

#include <iostream>

namespace deis::cli {
namespace {

std::string with_scheme(const std::string& controller) {
  return controller.find("://") == std::string::npos ? "http://" + controller : controller;
}

std::string password_of(const Session& session) {
  if (session.arguments().has("password-stdin")) return prompt("");
  if (const auto given = session.arguments().find("password")) return *given;
  return prompt_secret("password: ");
}

std::string ask(const Session& session, const std::string& option) {
  const auto given = session.arguments().find(option);
  return given ? *given : prompt(option + ": ");
}

int log_in(
    Session& session,
    const std::string& controller,
    const std::string& username,
    const std::string& password) {
  Api anonymous(session.loop(), controller, "");
  const json::value answer =
      anonymous.post("/v1/auth/login/", json::object{{"username", username}, {"password", password}});
  Profile profile;
  profile.username = username;
  profile.controller = controller;
  profile.token = text_of(answer, "token");
  profile.ssl_verify = session.arguments().find("ssl-verify") == "true";
  save_profile(profile);
  std::cout << "Logged in as " << username << "\n";
  return 0;
}

int register_user(Session& session) {
  const std::string controller = with_scheme(session.arguments().positional()[0]);
  // An administrator may register others while registration is closed: his token goes along.
  const std::string token = profile_exists() ? session.profile().token : "";
  Api api(session.loop(), controller, token);
  api.probe();
  const std::string username = ask(session, "username");
  const bool typed = !session.arguments().has("password") && !session.arguments().has("password-stdin");
  const std::string password = password_of(session);
  if (typed && prompt_secret("password (confirm): ") != password)
    throw Error(ErrorCode::invalid, "Password mismatch, aborting registration.");
  const std::string email = ask(session, "email");
  try {
    api.post(
        "/v1/auth/register/", json::object{{"username", username}, {"password", password}, {"email", email}});
  } catch (const ApiError&) {
    std::cerr << "Registration failed: ";
    throw;
  }
  std::cout << "Registered " << username << "\n";
  return log_in(session, controller, username, password);
}

int login(Session& session) {
  const std::string controller = with_scheme(session.arguments().positional()[0]);
  Api(session.loop(), controller, "").probe();
  const std::string username = ask(session, "username");
  return log_in(session, controller, username, password_of(session));
}

int logout(Session&) {
  delete_profile();
  std::cout << "Logged out\n";
  return 0;
}

int whoami(Session& session) {
  std::cout << "You are " << session.profile().username << " at " << session.profile().controller << "\n";
  return 0;
}

int passwd(Session& session) {
  json::object body;
  const auto username = session.arguments().find("username");
  const auto current = session.arguments().find("password");
  if (username) body["username"] = *username;
  if (current || !username) body["password"] = current ? *current : prompt_secret("current password: ");
  const auto given = session.arguments().find("new-password");
  const std::string fresh = given ? *given : prompt_secret("new password: ");
  if (!given && prompt_secret("new password (confirm): ") != fresh)
    throw Error(ErrorCode::invalid, "Password mismatch, not changing.");
  body["new_password"] = fresh;
  try {
    session.api().post("/v1/auth/passwd/", body);
  } catch (const ApiError&) {
    std::cerr << "Password change failed: ";
    throw;
  }
  std::cout << "Password change succeeded.\n";
  return 0;
}

int regenerate(Session& session) {
  const auto username = session.arguments().find("username");
  const bool all = session.arguments().has("all");
  json::object body;
  if (username) body["username"] = *username;
  if (all) body["all"] = true;
  const json::value answer = session.api().post("/v1/auth/tokens/", body);
  if (!username && !all) {
    Profile profile = session.profile();
    profile.token = text_of(answer, "token");
    save_profile(profile);
  }
  std::cout << "Token Regenerated\n";
  return 0;
}

int cancel(Session& session) {
  const auto username = session.arguments().find("username");
  const std::string target = username.value_or(session.profile().username);
  if (!session.arguments().has("yes")) {
    const std::string answer =
        prompt("cancel account " + target + " at " + session.profile().controller + "? (y/N): ");
    if (answer != "y" && answer != "Y") {
      std::cerr << "Account not changed\n";
      return 0;
    }
  }
  std::optional<json::value> body;
  if (username) body = json::object{{"username", *username}};
  session.api().erase("/v1/auth/cancel/", body);
  if (target == session.profile().username) delete_profile();
  std::cout << "Account cancelled\n";
  return 0;
}

const Option kUser{"username", 'u', true}, kPassword{"password", 0, true}, kStdin{"password-stdin", 0, false},
    kVerify{"ssl-verify", 0, true};

}  // namespace

std::vector<Command> auth_commands() {
  return {
      {"auth:register",
       "deis auth:register <controller> [--username= --password=|--password-stdin --email= --ssl-verify=]",
       "register a new user with a controller\n\n  deis register http://deis.example.com",
       {kUser, kPassword, kStdin, {"email", 0, true}, kVerify},
       1,
       1,
       register_user},
      {"auth:login",
       "deis auth:login <controller> [--username= --password=|--password-stdin --ssl-verify=]",
       "log in to a controller\n\n  deis login http://deis.example.com",
       {kUser, kPassword, kStdin, kVerify},
       1,
       1,
       login},
      {"auth:logout", "deis auth:logout", "forget who is logged in", {}, 0, 0, logout},
      {"auth:whoami", "deis auth:whoami", "show who is logged in, and where", {}, 0, 0, whoami},
      {"auth:passwd",
       "deis auth:passwd [--password= --new-password= --username=]",
       "change a password",
       {kUser, kPassword, {"new-password", 0, true}},
       0,
       0,
       passwd},
      {"auth:cancel",
       "deis auth:cancel [--username= --yes]",
       "delete an account",
       {kUser, {"yes", 0, false}},
       0,
       0,
       cancel},
      {"auth:regenerate",
       "deis auth:regenerate [-u --username= | --all]",
       "replace a token by a new one",
       {kUser, {"all", 0, false}},
       0,
       0,
       regenerate}};
}

}  // namespace deis::cli
