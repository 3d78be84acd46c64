"""config, limits, tags, builds, releases of api.md 8.4."""

import re
import stat

import pytest

STAMP = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dUTC"
KEY = "-----BEGIN RSA PRIVATE KEY-----\nabc\n-----END RSA PRIVATE KEY-----\n"


@pytest.fixture
def empty(ann):
    ann.run("create", "shop", "--no-remote")
    return ann


def test_config_is_set_listed_and_unset(empty):
    done = empty.run("config:set", "A=1", "LONGER=two words", "-a", "shop")
    assert done.out == "Creating config... done\n\n=== shop Config\nA           1\nLONGER      two words\n"
    assert empty.run("config", "-a", "shop").out == "=== shop Config\nA           1\nLONGER      two words\n"
    assert empty.run("config:list", "--oneline", "-a", "shop").out == "A=1 LONGER=two words \n"
    assert empty.run("config:unset", "A", "-a", "shop").out == "Removing config... done\n\n=== shop Config\nLONGER      two words\n"


def test_a_change_of_a_running_app_names_its_release(shop):
    out = shop.run("config:set", "A=1", "-a", "shop").out
    assert out.startswith("Creating config... done, v3\n\n=== shop Config\n")
    assert re.search(r"^A +1$", out, re.M) and re.search(r"^DEIS_RELEASE +v3$", out, re.M)


def test_values_may_hold_line_ends_and_equals_signs(empty):
    empty.run("config:set", "A=x=y\nz", "-a", "shop")
    assert empty.run("config", "--json", "-a", "shop").json()["values"] == {"A": "x=y\nz"}


def test_bad_pairs_are_hinted_at_and_skipped(empty):
    done = empty.run("config:set", "A", "B=", "=C", "D=4", "-a", "shop")
    assert done.out.startswith("'A' does not match the pattern 'key=var', ex: MODE=test\n'B=' does not")
    assert done.out.endswith("Creating config... done\n\n=== shop Config\nD      4\n")


def test_when_every_pair_is_bad_there_is_a_release_all_the_same(empty):
    empty.run("config:set", "nonsense", "-a", "shop")
    assert "ann changed nothing" in empty.run("releases", "-a", "shop").out


def test_an_ssh_key_is_sent_in_base64(empty):
    import base64
    (empty.cwd / "id_rsa").write_text(KEY)
    empty.run("config:set", "SSH_KEY=id_rsa", "-a", "shop")
    value = empty.run("config", "--json", "-a", "shop").json()["values"]["SSH_KEY"]
    assert base64.b64decode(value).decode() == KEY
    assert "Could not parse SSH private key" in empty.fails("config:set", "SSH_KEY=nope", "-a", "shop").err


def test_pull_writes_the_file_and_spares_one_that_is_there(empty):
    empty.run("config:set", "A=1", "B=2", "-a", "shop")
    assert empty.run("config:pull", "-a", "shop").out == ""
    path = empty.cwd / ".env"
    assert sorted(path.read_text().splitlines()) == ["A=1", "B=2"]
    assert stat.S_IMODE(path.stat().st_mode) & 0o700 == 0o700
    path.write_text("A=other\nMINE=3\n")
    assert empty.fails("config:pull", "-a", "shop").err.startswith("Error: .env already exists")
    empty.run("config:pull", "-o", "-a", "shop")
    assert sorted(path.read_text().splitlines()) == ["A=1", "B=2"]


def test_pull_asks_for_each_difference(empty):
    empty.run("config:set", "A=1", "B=2", "C=3", "-a", "shop")
    path = empty.cwd / ".env"
    path.write_text("A=x\nB=y\nC=3\nMINE=4\n")
    out = empty.run("config:pull", "-i", "-o", "-a", "shop", input="y\nn\n").out
    assert out == "A: overwrite x with 1? (y/N) B: overwrite y with 2? (y/N) "
    assert sorted(path.read_text().splitlines()) == ["A=1", "B=y", "C=3", "MINE=4"]


def test_push_sets_what_the_lines_say(empty):
    (empty.cwd / ".env").write_text("A=1\n# comment\n\nB=two words\nLAST=lost")
    done = empty.run("config:push", "-a", "shop")
    assert done.out == "Creating config... done\n\n=== shop Config\nA      1\nB      two words\n"
    assert "the last line of .env" in done.err
    (empty.cwd / "other").write_text("C=3\n")
    assert re.search(r"^C +3$", empty.run("config:push", "-p", "other", "-a", "shop").out, re.M)
    assert "cannot read nowhere: No such file" in empty.fails("config:push", "--path=nowhere", "-a", "shop").err


def test_limits_are_set_listed_and_unset(empty):
    assert empty.run("limits", "-a", "shop").out == "=== shop Limits\n\n--- Memory\nUnlimited\n\n--- CPU\nUnlimited\n"
    out = empty.run("limits:set", "web=1G", "worker=512M", "-a", "shop").out
    assert out == (
        "Applying limits... done\n\n=== shop Limits\n\n--- Memory\nweb        1G\nworker     512M\n\n--- CPU\nUnlimited\n")
    assert empty.run("limits:set", "-c", "web=512", "-a", "shop").out.endswith("--- CPU\nweb     512\n")
    limits = empty.run("limits", "-a", "shop", "--json").json()
    assert limits["web"]["memory"] == "1G" and limits["web"]["cpu"] == 512
    assert empty.run("limits:unset", "-c", "web", "-a", "shop").out.endswith("--- CPU\nUnlimited\n")
    assert "--- Memory\nworker     512M\n" in empty.run("limits:unset", "web", "-a", "shop").out


def test_bad_limits_are_hinted_at_and_skipped(empty):
    out = empty.run("limits:set", "web", "web=x", "web=12345", "web=1GBX", "web=1G", "-a", "shop").out
    assert out.count("does not match the pattern 'type=limit'") == 4 and "web     1G" in out


def test_tags_are_set_listed_and_unset(empty):
    assert empty.run("tags", "-a", "shop").out == "=== shop Tags\n"
    answer = empty.run("tags:set", "rack=1", "-a", "shop", code=None)
    if answer.code == 0:
        assert answer.out == "Applying tags... done\n\n=== shop Tags\nrack     1\n"
        assert empty.run("tags", "-a", "shop", "--json").json() == {"rack": "1"}
        assert empty.run("tags:unset", "rack", "-a", "shop").out == "Applying tags... done\n\n=== shop Tags\n"
    else:
        assert answer.out == "Applying tags... " and answer.err.startswith("Error: \n400 BAD REQUEST\n")


def test_builds_are_made_from_images(empty):
    assert empty.run("pull", "example/image:1", "-a", "shop").out == "Creating build... done\n"
    assert re.fullmatch(rf"=== shop Builds\n[0-9a-f-]{{36}} {STAMP}\n", empty.run("builds", "-a", "shop").out)


def test_the_procfile_comes_from_the_option_else_from_the_directory(empty):
    (empty.cwd / "Procfile").write_text("web: ./from-file\nworker: ./work\n")
    empty.run("builds:create", "example/image:1", "-a", "shop")
    assert empty.run("builds", "--json", "-a", "shop").json()[0]["procfile"] == {"web": "./from-file", "worker": "./work"}
    empty.run("builds:create", "example/image:1", "-a", "shop", "-p", "web: ./given")
    assert empty.run("builds", "--json", "-a", "shop").json()[0]["procfile"] == {"web": "./given"}
    assert "--procfile cannot be used" in empty.fails("builds:create", "x", "-a", "shop", "--procfile=[1]").err


def test_releases_are_listed_newest_first(shop):
    shop.run("config:set", "A=1", "-a", "shop")
    lines = shop.run("releases", "-a", "shop").lines
    assert lines[0] == "=== shop Releases"
    assert re.fullmatch(rf"v3\t{STAMP}\tann added A", lines[1]) and re.fullmatch(rf"v1\t{STAMP}\tann created initial release", lines[3])
    assert shop.run("releases", "-l", "1", "-a", "shop").lines[0] == "=== shop Releases (1 of 3)"


def test_a_release_is_shown(shop):
    out = shop.run("releases:info", "2", "-a", "shop").out
    uuid = "[0-9a-f-]{36}"
    assert re.fullmatch(
        rf"=== shop Release v2\nbuild:    {uuid}\nconfig:   {uuid}\nowner:    ann\ncreated:  {STAMP}\n"
        rf"summary:  ann deployed .*\nupdated:  {STAMP}\nuuid:     {uuid}\n", out), out
    assert shop.run("releases:info", "v2", "-a", "shop").out == out
    assert "build:" not in shop.run("releases:info", "v1", "-a", "shop").out
    assert "'x3' is not a release like v3" in shop.fails("releases:info", "x3", "-a", "shop").err


def test_rolling_back_names_the_new_release(shop):
    shop.run("config:set", "A=1", "-a", "shop")
    assert shop.run("rollback", "-a", "shop").out == "Rolling back one release... done, v4\n"
    assert shop.run("rollback", "v3", "-a", "shop").out == "Rolling back to v3... done, v5\n"
    assert shop.run("rollback", "2", "-a", "shop", "--json").json() == {"version": 6}


def test_differences_of_releases(shop):
    shop.run("config:set", "A=1", "B=2", "-a", "shop")
    shop.run("config:set", "A=3", "-a", "shop")
    shop.run("config:unset", "B", "-a", "shop")
    shop.run("limits:set", "web=1G", "-a", "shop")
    assert shop.run("releases:diff", "v3", "v6", "-a", "shop").out == (
        "=== shop v3 -> v6\n--- Config\n~ A\n- B\n--- Limits\n+ memory web: 1G\n")
    assert "~ A: 1 -> 3\n- B: 2\n" in shop.run("releases:diff", "v3", "v6", "-a", "shop", "--values").out
    assert shop.run("releases:diff", "-a", "shop").out == "=== shop v5 -> v6\n--- Limits\n+ memory web: 1G\n"
    assert shop.run("releases:diff", "v6", "v6", "-a", "shop").out.endswith("No differences\n")
    built = shop.run("releases:diff", "v1", "v2", "-a", "shop").out
    assert "--- Build\n" in built and "+ procfile web: serve\n" in built
    change = {"part": "config", "name": "A", "change": "changed"}
    assert change in shop.run("releases:diff", "3", "6", "-a", "shop", "--json").json()


def test_a_refused_change_is_the_contracts_error(empty):
    done = empty.fails("scale", "web=1", "-a", "shop")
    assert done.err == "Error: \n400 BAD REQUEST\ndetail: No build associated with this release\n\n"


def test_a_failing_roll_out_is_an_error_with_its_reason(shop):
    shop.controller.set("failure.create", 1)
    done = shop.fails("config:set", "A=1", "-a", "shop")
    assert done.out == "Creating config... " and done.err.startswith("Error: \n503 SERVICE UNAVAILABLE\ndetail: ")
