"""api.md 8.1 and the auth table of 8.4."""

import os
import stat


def mode(path):
    return stat.S_IMODE(path.stat().st_mode)


def test_registering_logs_in(stranger):
    assert stranger.register("ann").out == "Registered ann\nLogged in as ann\n"
    profile = stranger.profile()
    assert list(profile) == ["username", "ssl_verify", "controller", "token", "response_limit"]
    assert profile["username"] == "ann" and profile["controller"] == stranger.controller.url
    assert profile["ssl_verify"] is False and profile["response_limit"] == 100 and len(profile["token"]) == 40


def test_the_profile_is_for_its_owner_only(ann):
    assert mode(ann.home / ".deis") == 0o700
    assert mode(ann.home / ".deis" / "client.json") == 0o600


def test_another_profile_is_another_login(ann):
    env = {"DEIS_PROFILE": "second"}
    ann.run("register", ann.controller.url, "--username=bob", "--password=x", "--email=b@example.com", env=env)
    assert ann.run("whoami").out == f"You are ann at {ann.controller.url}\n"
    assert ann.run("whoami", env=env).out == f"You are bob at {ann.controller.url}\n"


def test_the_scheme_is_added_and_the_path_does_not_matter(stranger):
    stranger.register("ann")
    bare = stranger.controller.url.removeprefix("http://")
    stranger.run("login", bare + "/some/where", "--username=ann", "--password=secret")
    assert stranger.profile()["controller"] == f"http://{bare}/some/where"
    assert stranger.run("apps").out == "=== Apps\n"


def test_registration_asks_for_what_is_missing(stranger):
    terminal = stranger.terminal("register", stranger.controller.url)
    terminal.expect("username: ")
    terminal.type("ann\n")
    terminal.expect("password: ")
    assert not terminal.echoes()
    terminal.type("s3cret\n")
    terminal.expect(r"password \(confirm\): ")
    terminal.type("s3cret\n")
    terminal.expect("email: ")
    assert terminal.echoes()
    terminal.type("ann@example.com\n")
    done = terminal.end()
    assert done.code == 0 and done.out.endswith("Registered ann\nLogged in as ann\n")
    assert "s3cret" not in done.out


def test_passwords_that_differ_end_it(stranger):
    terminal = stranger.terminal("register", stranger.controller.url, "--username=ann")
    terminal.expect("password: ")
    terminal.type("one\n")
    terminal.expect(r"\(confirm\): ")
    terminal.type("two\n")
    done = terminal.end()
    assert done.code == 1 and "Error: Password mismatch, aborting registration." in done.out


def test_a_signal_in_the_middle_of_a_password_gives_the_echo_back(stranger):
    terminal = stranger.terminal("login", stranger.controller.url, "--username=ann")
    terminal.expect("password: ")
    terminal.type("\x03")
    _, status = os.waitpid(terminal.pid, 0)
    assert os.waitstatus_to_exitcode(status) == -2
    assert terminal.echoes()


def test_registration_that_is_refused_says_so(ann):
    done = ann.fails("register", ann.controller.url, "--username=ann", "--password=x", "--email=a@example.com")
    assert done.out == ""
    assert done.err == "Registration failed: Error: \n400 BAD REQUEST\nusername: This field must be unique.\n\n"


def test_an_administrator_registers_others_while_registration_is_closed(ann, tmp_path):
    from tests.cli.client import Client
    ann.controller.set("registrationMode", "admin_only")
    refused = Client(tmp_path / "x", ann.controller)
    assert "Registration failed: " in refused.fails(
        "register", ann.controller.url, "--username=eve", "--password=x", "--email=e@example.com").err
    ann.run("register", ann.controller.url, "--username=bob", "--password=x", "--email=b@example.com")
    assert ann.profile()["username"] == "bob"


def test_the_password_comes_from_standard_input(ann):
    done = ann.run("login", ann.controller.url, "--username=ann", "--password-stdin", input="secret\n")
    assert done.out == "Logged in as ann\n"


def test_a_wrong_password_is_refused(ann):
    done = ann.fails("login", ann.controller.url, "--username=ann", "--password=wrong")
    assert done.err.startswith("Error: \n400 BAD REQUEST\n") and "non_field_errors: " in done.err


def test_logging_out_forgets_the_profile_and_may_be_repeated(ann):
    assert ann.run("logout").out == "Logged out\n"
    assert not (ann.home / ".deis" / "client.json").exists()
    assert ann.run("logout").out == "Logged out\n"


def test_whoami_asks_nobody(ann):
    profile = ann.home / ".deis" / "client.json"
    profile.write_text('{"username":"zoe","controller":"http://nowhere.invalid","token":"x"}')
    assert ann.run("whoami").out == "You are zoe at http://nowhere.invalid\n"
    assert ann.run("whoami", "--json").json() == {"username": "zoe", "controller": "http://nowhere.invalid"}


def test_a_password_is_changed_by_its_owner(ann):
    done = ann.run("passwd", "--password=secret", "--new-password=other")
    assert done.out == "Password change succeeded.\n"
    ann.run("login", ann.controller.url, "--username=ann", "--password=other")
    wrong = ann.fails("passwd", "--password=nope", "--new-password=x")
    assert wrong.err.startswith("Password change failed: Error: \n") and "Current password does not match" in wrong.err


def test_a_new_password_is_typed_twice(ann):
    terminal = ann.terminal("passwd")
    for question, answer in (("current password: ", "secret"), ("new password: ", "a"), (r"new password \(confirm\): ", "a")):
        terminal.expect(question)
        terminal.type(answer + "\n")
    done = terminal.end()
    assert done.code == 0 and done.out.endswith("Password change succeeded.\n")


def test_an_administrator_needs_not_know_the_old_password(ann, bob):
    assert ann.run("passwd", "--username=bob", "--new-password=fresh").out == "Password change succeeded.\n"
    bob.run("login", bob.controller.url, "--username=bob", "--password=fresh")


def test_an_account_is_cancelled_after_logging_in_again(ann):
    terminal = ann.terminal("auth:cancel")
    terminal.expect("Please log in again in order to cancel this account")
    terminal.expect("username: ")
    terminal.type("ann\n")
    terminal.expect("password: ")
    terminal.type("secret\n")
    terminal.expect("Logged in as ann")
    terminal.expect(rf"cancel account ann at {ann.controller.url}\? \(y/N\): ")
    terminal.type("y\n")
    done = terminal.end()
    assert done.code == 0 and done.out.endswith("Account cancelled\n")
    assert not (ann.home / ".deis" / "client.json").exists()


def test_who_does_not_say_y_keeps_the_account(ann):
    done = ann.run("auth:cancel", "--username=ann", "--password=secret", input="n\n")
    assert done.err == "Account not changed\n" and ann.run("apps").out == "=== Apps\n"


def test_an_administrator_cancels_another_without_logging_in_again(ann, bob):
    assert ann.run("auth:cancel", "--username=bob", "--yes").out == "Account cancelled\n"
    assert ann.run("users").out == "=== Users\nann\n"


def test_an_account_that_owns_apps_is_not_cancelled(ann):
    ann.run("create", "shop", "--no-remote")
    done = ann.fails("auth:cancel", "--username=ann", "--password=secret", "--yes")
    assert "409 CONFLICT" in done.err and "ann still owns applications" in done.err


def test_a_regenerated_token_is_kept_but_only_ones_own(ann, bob):
    before = ann.profile()["token"]
    assert ann.run("auth:regenerate").out == "Token Regenerated\n"
    assert ann.profile()["token"] != before
    assert ann.run("auth:regenerate", "-u", "bob").out == "Token Regenerated\n"
    assert "401 UNAUTHORIZED" in bob.fails("apps").err
    kept = ann.profile()["token"]
    assert ann.run("auth:regenerate", "--all").out == "Token Regenerated\n"
    assert ann.profile()["token"] == kept and "401 UNAUTHORIZED" in ann.fails("apps").err


def test_what_is_no_controller_is_refused(stranger):
    done = stranger.fails("login", f"{stranger.controller.url}/nothing".replace("127.0.0.1", "localhost:1/"), "--username=x", "--password=x")
    assert done.out == "" and done.err.startswith("Error: ")
