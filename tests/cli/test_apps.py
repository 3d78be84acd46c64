"""The apps and ps tables of api.md 8.4, and 8.3: which app is meant."""

import os
import re

PS = "=== shop Processes\n--- web:\nweb.1 up (v2)\n--- worker:\nworker.1 up (v2)\n"


def test_creating_says_its_name_and_where_it_is(ann):
    done = ann.run("create", "shop", "--no-remote")
    assert done.out == (
        "Creating Application... done, created shop\nremote available at ssh://git@127.0.0.1:2222/shop.git\n")
    named = ann.run("create", "--no-remote").out
    assert re.fullmatch(r"Creating Application\.\.\. done, created ([a-z]+-[a-z]+)\nremote available at .*/\1\.git\n", named)


def test_creating_in_a_checkout_adds_the_remote(ann):
    ann.git("init", "-q")
    done = ann.run("create", "shop")
    assert done.out == (
        "Creating Application... done, created shop\nGit remote deis added\n"
        "remote available at ssh://git@127.0.0.1:2222/shop.git\n")
    assert "deis\tssh://git@127.0.0.1:2222/shop.git (push)" in ann.git("remote", "-v")
    ann.run("create", "blog", "-r", "second")
    assert "second\tssh://git@127.0.0.1:2222/blog.git (push)" in ann.git("remote", "-v")


def test_a_remote_that_exists_is_a_hint_and_a_failure_but_the_app_is_there(ann):
    ann.git("init", "-q")
    ann.run("create", "shop")
    done = ann.fails("create", "blog")
    assert done.out == (
        "Creating Application... done, created blog\nTo replace the existing git remote entry, run:\n"
        "  git remote rename deis deis.old && deis git:remote -a blog\n")
    assert "already exists" in done.err and "Error: " in done.err
    assert ann.run("apps").out == "=== Apps\nblog\nshop\n"


def test_outside_of_a_checkout_git_says_what_is_missing(ann):
    done = ann.fails("create", "shop")
    assert "not a git repository" in done.err and "deis git:remote -a shop" in done.err


def test_a_buildpack_is_the_second_release(ann):
    ann.run("create", "shop", "--no-remote", "-b", "https://example.com/pack")
    assert ann.run("config", "-a", "shop").out == "=== shop Config\nBUILDPACK_URL      https://example.com/pack\n"
    assert [r["version"] for r in ann.run("releases", "-a", "shop", "--json").json()] == [2, 1]


def test_a_name_that_is_taken_is_the_contracts_error(ann):
    ann.run("create", "shop", "--no-remote")
    done = ann.fails("create", "shop", "--no-remote")
    assert done.out == "Creating Application... "
    assert done.err == "Error: \n400 BAD REQUEST\nid: This field must be unique.\n\n"


def test_a_list_says_when_it_is_not_all(ann):
    for name in ("shop", "blog", "wiki"):
        ann.run("create", name, "--no-remote")
    assert ann.run("apps", "-l", "2").out.startswith("=== Apps (2 of 3)\n")
    assert ann.run("apps").out == "=== Apps\nblog\nshop\nwiki\n"
    assert len(ann.run("apps", "--json", "--limit=2").json()) == 2


def test_the_profile_limits_lists_but_not_json(ann):
    for name in ("shop", "blog", "wiki"):
        ann.run("create", name, "--no-remote")
    path = ann.home / ".deis" / "client.json"
    path.write_text(path.read_text().replace('"response_limit":100', '"response_limit":1'))
    assert ann.run("apps").out.startswith("=== Apps (1 of 3)\n")
    assert sorted(app["id"] for app in ann.run("apps", "--json").json()) == ["blog", "shop", "wiki"]


def test_info_shows_the_app_its_processes_and_its_domains(shop):
    shop.run("domains:add", "www.example.com", "-a", "shop")
    out = shop.run("info", "-a", "shop").out
    stamp = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dUTC"
    assert re.fullmatch(
        rf"=== shop Application\nupdated:  {stamp}\nuuid:     [0-9a-f-]{{36}}\ncreated:  {stamp}\n"
        rf"url:      shop\.deisapp\.local\nowner:    ann\nid:       shop\n\n"
        r"=== shop Processes\n(--- \w+:\n(\w+\.\d up \(v2\)\n)+)+\n=== shop Domains\nwww\.example\.com\n\n", out), out
    app = shop.run("info", "-a", "shop", "--json").json()
    assert app["id"] == "shop" and app["domains"][0]["domain"] == "www.example.com" and app["processes"]


def test_processes_are_listed_by_type_and_number(shop):
    shop.run("scale", "web=11", "worker=1", "-a", "shop")
    lines = shop.run("ps", "-a", "shop").lines
    assert lines == ["=== shop Processes", "--- web:", *[f"web.{n} up (v2)" for n in range(1, 12)],
                     "--- worker:", "worker.1 up (v2)"]


def test_scaling_says_how_long_it_took_and_lists(shop):
    out = shop.run("scale", "web=1", "worker=1", "-a", "shop").out
    assert re.fullmatch(r"Scaling processes\.\.\. but first, coffee!\ndone in \d+s\n" + re.escape(PS), out)
    assert "but first, tea!" in shop.run("ps:scale", "web=1", "-a", "shop", env={"DEIS_DRINK_OF_CHOICE": "tea"}).out


def test_bad_targets_are_hinted_at_and_skipped(shop):
    out = shop.run("scale", "web", "web=x", "web=2", "-a", "shop").out
    assert "'web' does not match the pattern" in out and "'web=x' does not match" in out and "web.2 up" in out
    assert "=== shop Processes" in shop.run("scale", "nonsense", "-a", "shop").out


def test_restarting_takes_all_a_type_or_one(shop):
    shop.run("scale", "web=1", "worker=1", "-a", "shop")
    for words in ([], ["web"], ["web.1"]):
        out = shop.run("ps:restart", *words, "-a", "shop").out
        assert re.fullmatch(r"Restarting processes\.\.\. but first, coffee!\ndone in \d+s\n" + re.escape(PS), out)


def test_wide_processes_show_age_host_and_restarts(shop):
    lines = shop.run("ps", "-a", "shop", "--wide").lines
    assert lines[1].split() == ["PROCESS", "STATE", "RELEASE", "AGE", "HOST", "RESTARTS", "DETAIL"]
    assert lines[2].split()[:3] == ["web.1", "up", "v2"] and lines[2].split()[3].endswith("s")
    process = shop.run("ps", "-a", "shop", "--json").json()[0]
    assert {"type", "num", "state", "release", "host", "restarts", "detail"} <= set(process)


def test_running_gives_output_and_exit_code(shop):
    done = shop.run("run", "-a", "shop", "--", "ls", "-la", code=None)
    assert done.out.startswith("Running 'ls -la'...\n") and done.code == 0
    again = shop.run("run", "ls -la", "-a", "shop", code=None)
    assert again.out.startswith("Running 'ls -la'...\n")


def test_running_without_a_build_is_the_contracts_error(ann):
    ann.run("create", "shop", "--no-remote")
    done = ann.fails("run", "ls", "-a", "shop")
    assert done.err == (
        "Error: \n400 BAD REQUEST\ndetail: No build associated with this release to run this command\n\n")


def test_logs_have_no_colours_outside_of_a_terminal(shop):
    out = shop.run("logs", "-a", "shop").out
    assert "ann created initial release" in out and "\x1b" not in out
    assert len(shop.run("logs", "-n", "1", "-a", "shop").lines) == 1
    assert "line" in shop.run("logs", "-a", "shop", "--json").json()[0]


def test_destroying_wants_the_name(shop):
    done = shop.fails("destroy", "-a", "shop", "--confirm=blog")
    assert done.err == "Error: App shop does not match confirm blog, aborting.\n"
    typed = shop.fails("destroy", "-a", "shop", input="no\n")
    assert "WARNING: Potentially Destructive Action" in typed.out and typed.out.endswith("> ")
    assert re.search(r"> Destroying shop\.\.\.\ndone in \d+s\n$", shop.run("destroy", "-a", "shop", input="shop\n").out)
    assert shop.run("apps").out == "=== Apps\n"


def test_destroying_in_a_checkout_removes_the_remote(ann):
    ann.git("init", "-q")
    ann.run("create", "shop")
    ann.git("remote", "add", "origin", "https://example.com/ann/shop.git")
    out = ann.run("destroy", "--confirm=shop").out
    assert re.fullmatch(r"Destroying shop\.\.\.\ndone in \d+s\nGit remote deis removed\n", out)
    assert ann.git("remote").split() == ["origin"]


def test_transferring_gives_it_away(ann, bob):
    ann.run("create", "shop", "--no-remote")
    assert ann.run("apps:transfer", "bob", "-a", "shop").out == "Transferring shop to bob... done\n"
    assert bob.run("apps").out == "=== Apps\nshop\n"


def test_the_app_is_the_remotes_else_the_directorys(ann):
    ann.run("create", "work", "--no-remote")
    assert ann.run("config").out == "=== work Config\n"
    ann.run("create", "shop", "--no-remote")
    ann.git("init", "-q")
    ann.git("remote", "add", "origin", "https://example.com/ann/blog.git")
    assert ann.run("config").out == "=== work Config\n"
    ann.git("remote", "add", "deis", "ssh://git@127.0.0.1:2222/shop.git")
    assert ann.run("config").out == "=== shop Config\n"
    assert ann.run("config", "-a", "work").out == "=== work Config\n"


def test_a_directory_with_capitals_is_an_app_without(ann):
    ann.run("create", "shop", "--no-remote")
    ann.cwd = ann.home / "Shop"
    ann.cwd.mkdir()
    assert ann.run("config").out == "=== shop Config\n"


def test_git_remote_adds_it_later(ann):
    ann.run("create", "shop", "--no-remote")
    ann.git("init", "-q")
    assert ann.run("git:remote", "-a", "shop").out == "Git remote deis added\n"
    assert ann.run("git:remote", "-a", "shop", "--remote=two").out == "Git remote two added\n"
    assert "already exists" in ann.fails("git:remote", "-a", "shop").err


def test_an_app_that_is_not_there_is_the_contracts_error(ann):
    assert ann.fails("info", "-a", "nope").err == "Error: \n404 NOT FOUND\ndetail: Not found\n\n"


def test_json_is_all_that_goes_to_standard_output(ann):
    app = ann.run("create", "shop", "--no-remote", "--json")
    assert app.json()["id"] == "shop" and "done, created shop" in app.err
    build = ann.run("pull", "example/image:1", "-a", "shop", "--json")
    assert build.json()["image"] == "example/image:1" and "Creating build... done" in build.err
    scaled = ann.run("scale", "cmd=2", "-a", "shop", "--json")
    assert [process["num"] for process in scaled.json()] == [1, 2] and "done in" in scaled.err


def test_open_gives_the_browser_the_apps_url(shop):
    opened, browser = shop.home / "opened", shop.home / "xdg-open"
    browser.write_text(f'#!/bin/sh\nprintf "%s\\n" "$@" >"{opened}"\n')
    browser.chmod(0o755)
    assert shop.run("open", "-a", "shop", env={"PATH": f"{shop.home}:{os.environ['PATH']}"}).err == ""
    assert opened.read_text() == "http://shop.deisapp.local\n"


def test_open_without_a_browser_says_what_to_open(shop):
    done = shop.fails("open", "-a", "shop", env={"PATH": str(shop.cwd)})
    assert done.err == "Error: no browser could be started here; open http://shop.deisapp.local yourself\n"
