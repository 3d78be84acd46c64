#include "cli/output.h"
#include "cli/session.h"
#include "cli/terminal.h"
#include "core/base/error.h"
#include "core/base/text.h"
#include "core/json/json.h"

#include <iostream>

namespace deis::cli {
namespace {

// The password that was given; nullopt when it is to be asked for.
std::optional<std::string> given_password(const Session& session) {
  if (session.has("password-stdin")) return prompt("");
  return session.find("password");
}

std::string ask(const Session& session, const std::string& option) {
  const auto given = session.find(option);
  return given ? *given : prompt(option + ": ");
}

std::string new_password(const std::string& question, const std::string& mismatch) {
  const std::string password = prompt_secret(question + ": ");
  if (prompt_secret(question + " (confirm): ") != password) throw Error(ErrorCode::invalid, mismatch);
  return password;
}

Api anonymous(Session& session, const std::string& controller, bool ssl_verify) {
  Api::Access access;
  access.url = ControllerUrl::parse(controller);
  access.ssl_verify = ssl_verify;
  return {session.loop(), std::move(access)};
}

void log_in(Session& session, const Profile& to, const std::string& password) {
  const json::object body{{"username", to.username}, {"password", password}};
  const json::value answer =
      anonymous(session, with_scheme(to.controller), to.ssl_verify).post("/v1/auth/login/", body);
  Profile profile = to;
  profile.token = text_of(answer, "token");
  if (profile.token.empty()) throw Error(ErrorCode::internal, "the controller's answer holds no token");
  save_profile(profile);
  std::cout << "Logged in as " << profile.username << "\n";
}

// For the controller that was named. How many rows lists have is kept from the profile that is replaced.
Profile profile_for(Session& session) {
  Profile profile;
  profile.controller = with_scheme(session.words()[0]);
  profile.ssl_verify = session.find("ssl-verify") == "true";
  ControllerUrl::parse(profile.controller);
  if (profile_exists()) {
    try {
      profile.response_limit = load_profile().response_limit;
    } catch (const Error&) {
      // Broken: it is about to be replaced.
    }
  }
  return profile;
}

// An administrator may register others while registration is closed: his token goes along, but to no other
// controller than the one he is logged in to.
std::string token_for(Session& session, const ControllerUrl& url) {
  if (!profile_exists()) return "";
  try {
    const Profile& profile = session.profile();
    return host_of(profile.controller) == url.host ? profile.token : "";
  } catch (const Error&) {
    return "";  // broken: it is about to be replaced
  }
}

int register_user(Session& session) {
  Profile profile = profile_for(session);
  Api::Access access;
  access.url = ControllerUrl::parse(profile.controller);
  access.ssl_verify = profile.ssl_verify;
  access.token = token_for(session, access.url);
  Api api(session.loop(), std::move(access));
  api.probe();
  profile.username = ask(session, "username");
  const auto given = given_password(session);
  const std::string password =
      given ? *given : new_password("password", "Password mismatch, aborting registration.");
  const std::string email = ask(session, "email");
  const json::object body{{"username", profile.username}, {"password", password}, {"email", email}};
  try {
    api.post("/v1/auth/register/", body);
  } catch (const ApiError&) {
    std::cerr << "Registration failed: ";
    throw;
  }
  std::cout << "Registered " << profile.username << "\n";
  log_in(session, profile, password);
  return 0;
}

int login(Session& session) {
  Profile profile = profile_for(session);
  anonymous(session, profile.controller, profile.ssl_verify).probe();
  profile.username = ask(session, "username");
  const auto given = given_password(session);
  log_in(session, profile, given ? *given : prompt_secret("password: "));
  return 0;
}

int logout(Session&) {
  delete_profile();
  std::cout << "Logged out\n";
  return 0;
}

int whoami(Session& session) {
  const Profile& profile = session.profile();
  if (session.json()) {
    const json::object who{{"username", profile.username}, {"controller", profile.controller}};
    return session.print_json(who);
  }
  std::cout << "You are " << profile.username << " at " << profile.controller << "\n";
  return 0;
}

int passwd(Session& session) {
  session.profile();  // before questions are asked
  json::object body;
  const auto username = session.find("username");
  auto current = session.find("password");
  if (!current && !username) current = prompt_secret("current password: ");
  const auto given = session.has("password-stdin") ? prompt("") : session.find("new-password");
  const std::string fresh = given ? *given : new_password("new password", "Password mismatch, not changing.");
  if (username) body["username"] = *username;
  if (current) body["password"] = *current;
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
  const auto username = session.find("username");
  const bool all = session.has("all");
  json::object body;
  if (username) body["username"] = *username;
  if (all) body["all"] = true;
  const json::value answer =
      body.empty() ? session.api().post("/v1/auth/tokens/") : session.api().post("/v1/auth/tokens/", body);
  if (body.empty()) {
    Profile profile = session.profile();
    profile.token = text_of(answer, "token");
    save_profile(profile);
  }
  std::cout << "Token Regenerated\n";
  return 0;
}

bool confirmed(Session& session, const std::string& target, const Profile& profile) {
  if (session.has("yes")) return true;
  const std::string answer = prompt("cancel account " + target + " at " + profile.controller + "? (y/N): ");
  return to_lower(trim(answer)) == "y";
}

int cancel(Session& session) {
  const auto username = session.find("username");
  const bool only_a_name = username && !session.has("password") && !session.has("password-stdin");
  Profile profile = session.profile();
  if (!only_a_name) {
    std::cout << "Please log in again in order to cancel this account\n";
    profile.username = ask(session, "username");
    const auto given = given_password(session);
    log_in(session, profile, given ? *given : prompt_secret("password: "));
    profile = load_profile();
  }
  const std::string target = username.value_or(profile.username);
  if (!confirmed(session, target, profile)) {
    std::cerr << "Account not changed\n";
    return 0;
  }
  Api::Access access;
  access.url = ControllerUrl::parse(with_scheme(profile.controller));
  access.token = profile.token;
  access.ssl_verify = profile.ssl_verify;
  std::optional<json::value> body;
  if (username) body = json::object{{"username", *username}};
  try {
    Api(session.loop(), std::move(access)).erase("/v1/auth/cancel/", body);
  } catch (const ApiError& error) {
    if (error.status() == 409)
      std::cerr << target
                << " still owns applications: transfer them (deis apps:transfer) or destroy them first\n";
    throw;
  }
  if (target == profile.username) delete_profile();
  std::cout << "Account cancelled\n";
  return 0;
}

const Option kUser{"username", 0, "<name>", "instead of being asked for it", Completes::user};
const Option kPassword{"password", 0, "<password>", "visible to others on this machine: better type it"};
const Option kFromStdin{
    .name = "password-stdin",
    .help = "read the password from the first line of standard input",
    .extension = true};

std::vector<Command> login_commands() {
  const Option verify{
      "ssl-verify", 0, "<true|false>", "check the certificate of an https:// controller (false)"};
  return {
      {.name = "auth:register",
       .arguments = "<controller>",
       .summary = "register a new user with a controller, and log in",
       .details = "The first user of a platform is its administrator. What is not given is asked for.",
       .options =
           {kUser, kPassword, {"email", 0, "<address>", "instead of being asked for it"}, verify, kFromStdin},
       .examples =
           {{"deis register http://deis.example.com", ""},
            {"deis register deis.example.com --username=ann --email=ann@example.com --password-stdin "
             "<secret.txt",
             "asks nothing"}},
       .run = register_user},
      {.name = "auth:login",
       .arguments = "<controller>",
       .summary = "log in to a controller",
       .details =
           "The login is kept in ~/.deis/<profile>.json; the profile is `client`, or what DEIS_PROFILE says.",
       .options = {kUser, kPassword, verify, kFromStdin},
       .examples =
           {{"deis login http://deis.example.com", ""},
            {"deis login https://deis.example.com --ssl-verify=true --username=ann", ""},
            {"DEIS_PROFILE=staging deis login http://deis.staging.example.com",
             "a second login beside the first"}},
       .run = login},
      {.name = "auth:logout",
       .summary = "forget who is logged in",
       .examples = {{"deis logout", ""}},
       .run = logout},
      {.name = "auth:whoami",
       .summary = "show who is logged in, and where",
       .examples = {{"deis whoami", ""}},
       .json = "`username controller`",
       .run = whoami}};
}

std::vector<Command> account_commands() {
  return {
      {.name = "auth:passwd",
       .summary = "change a password",
       .details = "Administrators change another user's with --username; the current password is not asked "
                  "for then.",
       .options =
           {kPassword,
            {"new-password", 0, "<password>", "visible to others on this machine: better type it"},
            kUser,
            {.name = "password-stdin",
             .help = "read the new password from the first line of standard input",
             .extension = true}},
       .examples = {{"deis passwd", ""}, {"deis passwd --username=bob", "as an administrator"}},
       .run = passwd},
      {.name = "auth:cancel",
       .summary = "delete an account",
       .details = "Asks to log in again, unless only --username is given.",
       .options = {kUser, kPassword, {"yes", 0, "", "do not ask whether it is meant"}, kFromStdin},
       .examples =
           {{"deis auth:cancel", ""}, {"deis auth:cancel --username=bob --yes", "as an administrator"}},
       .run = cancel},
      {.name = "auth:regenerate",
       .summary = "replace a token by a new one",
       .details = "With --username or --all the stored login is not updated, even if it is one of those.",
       .options =
           {{"username", 'u', "<name>", "of this user, as an administrator", Completes::user},
            {"all", 0, "", "of all users, as an administrator"}},
       .examples = {{"deis auth:regenerate", ""}},
       .run = regenerate}};
}

}  // namespace

std::vector<Command> auth_commands() {
  std::vector<Command> commands = login_commands();
  for (Command& command : account_commands()) commands.push_back(std::move(command));
  return commands;
}

}  // namespace deis::cli
