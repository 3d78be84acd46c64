"""api.md 8.2: how words become commands."""

import os
import re
import stat

import pytest

USAGE = "Usage: deis <command> [<args>...]\n"


@pytest.mark.parametrize("word", ["--version", "-v", "version"])
def test_the_version_is_the_contracts(offline, word):
    assert offline.run(word).out == "1.13.4\n"


@pytest.mark.parametrize("word", ["help", "--help", "-h"])
def test_help_shows_every_group(offline, word):
    text = offline.run(word).out
    for group in ("apps", "ps", "config", "domains", "builds", "limits", "tags", "releases", "certs", "keys", "perms", "users"):
        assert f"\n{group}: " in text


def test_alone_it_prints_one_usage_line_and_fails(offline):
    done = offline.fails()
    assert (done.out, done.err) == ("", USAGE)


@pytest.mark.parametrize("words", [("help", "apps:create"), ("apps:create", "--help"), ("create", "-h"), ("help", "create"),
                                   ("apps", "create", "--help"), ("help", "apps", "create")])
def test_help_of_a_command_has_usage_and_examples(offline, words):
    text = offline.run(*words).out
    usage = "Usage: deis apps:create [<id>] [--no-remote] [-b --buildpack=<url>] [-r --remote=<name>]"
    assert usage in re.sub(r"\s+", " ", text)
    assert "\nExamples:\n  deis create shop\n" in text


@pytest.mark.parametrize("words", [("help", "apps"), ("apps", "--help")])
def test_help_of_a_group_lists_its_commands(offline, words):
    text = offline.run(*words).out
    assert "  apps:create " in text and "  apps:transfer " in text


@pytest.mark.parametrize("group", ["auth", "git"])
def test_a_group_without_a_list_prints_its_commands(offline, group):
    done = offline.run(group)
    assert f"  {group}:" in done.out and done.err == ""


def test_every_command_has_help(offline):
    for name in re.findall(r"^  ([a-z]+:[a-z]+) ", offline.run("help").out.split("Shortcuts:")[0], re.M):
        text = offline.run(name, "--help").out
        assert f"Usage: deis {name}" in text and "Examples:" in text, name


def test_an_unknown_command_is_two_lines_and_a_failure(offline):
    done = offline.fails("frobnicate")
    assert (done.out, done.err) == ("", "Found no matching command, try 'deis help'\n" + USAGE)


@pytest.mark.parametrize("words, meant", [(["apps:craete"], "apps:create"), (["apps", "creat"], "apps:create"), (["scael"], "scale")])
def test_a_slip_is_asked_about(offline, words, meant):
    done = offline.fails(*words)
    assert done.err.startswith("Found no matching command, try 'deis help'\n" + USAGE)
    assert f"Did you mean 'deis {meant}'" in done.err


@pytest.mark.parametrize("words", [["ps:scale"], ["ps", "web"], ["apps:create", "a", "b"], ["apps", "--nope"], ["apps", "--limit"], ["certs:add", "x"]])
def test_wrong_arguments_print_the_usage_line_on_standard_output(offline, words):
    done = offline.fails(*words)
    assert re.fullmatch(r"Usage: deis [a-z]+:[a-z]+ .*\n", done.out)


def test_a_slip_in_an_option_is_asked_about(offline):
    assert "did you mean --limit?" in offline.fails("apps", "--limti=3").err


def test_options_may_be_shortened_and_stand_anywhere(shop):
    expected = shop.run("config", "-a", "shop").out
    for words in (["-ashop"], ["--app=shop"], ["--app", "shop"], ["--ap=shop"], ["--a", "shop"]):
        assert shop.run("config:list", *words).out == expected
        assert shop.run("config", *words).out == expected


def test_two_words_are_as_good_as_a_colon(ann):
    ann.run("apps", "create", "shop", "--no-remote")
    assert ann.run("apps", "list").out == ann.run("apps:list").out == ann.run("apps").out == "=== Apps\nshop\n"


def plugin(directory, name):
    path = directory / name
    path.write_text('#!/bin/sh\necho "plugin $# $*"\nexit 7\n')
    path.chmod(path.stat().st_mode | stat.S_IXUSR)


@pytest.mark.parametrize("words, seen", [(["foo:bar", "--x"], "plugin 2 bar --x"), (["foo", "y"], "plugin 1 y"), (["foo"], "plugin 0 ")])
def test_an_unknown_group_is_a_plugin_when_there_is_one(offline, words, seen):
    plugin(offline.home, "deis-foo")
    path = f"{offline.home}:{os.environ['PATH']}"
    assert offline.run(*words, code=7, env={"PATH": path}).out == seen + "\n"


def test_no_plugin_takes_the_place_of_a_command(offline):
    plugin(offline.home, "deis-apps")
    done = offline.fails("apps:nope", env={"PATH": f"{offline.home}:{os.environ['PATH']}"})
    assert done.err.startswith("Found no matching command")


def test_who_is_not_logged_in_is_told_how(offline):
    done = offline.fails("apps")
    assert done.err == "Error: Not logged in. Use 'deis login' or 'deis register' to get started.\n"


def test_the_checked_in_reference_is_what_the_program_makes(offline):
    from tests.cli.client import SOURCE
    reference = SOURCE / "docs" / "reference"
    assert offline.run("__reference", "markdown").out == (reference / "deis.md").read_text()
    assert offline.run("__reference", "man").out == (reference / "deis.1").read_text()
