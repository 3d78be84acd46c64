"""Must show 1 of the walking platform: script/up on a Debian that has nothing but git."""

import time

import pytest

from tests.host.bare import BareMachine

HELLO = ["curl", "-fsS", "http://hello.localhost/"]


@pytest.fixture(scope="module")
def machine():
    with BareMachine() as machine:
        yield machine


def script(machine, name, *args):
    return machine.run([f"script/{name}", *args], timeout=3600)


def test_script_up_makes_a_platform_of_a_machine_that_has_only_git(machine):
    assert machine.run(["which", "git", "docker", "g++", "python3", "curl"], check=False).stdout == "/usr/bin/git\n"
    out = script(machine, "up").stdout
    assert "http://hello.localhost/" in out
    assert "Hello" in machine.run(HELLO).stdout


def test_second_script_up_repairs_what_somebody_removed_within_a_minute(machine):
    machine.docker("service", "rm", "deis-publisher")
    began = time.monotonic()
    script(machine, "up")
    took = time.monotonic() - began
    assert took < 60, f"it took {took:.0f} s"
    assert "running" in next(line for line in machine.run(["deisctl", "list"]).stdout.splitlines() if "publisher" in line)
    machine.run(HELLO)


def test_script_down_keeps_everything_for_the_next_up(machine):
    script(machine, "down")
    assert machine.run(HELLO, check=False).returncode != 0
    script(machine, "up")
    assert "Hello" in machine.run(HELLO).stdout


def test_purge_forgets_the_platform(machine):
    script(machine, "down", "--purge")
    assert machine.docker("service", "ls", "-q").stdout == ""
    assert machine.run(["ls", "-A", "/var/lib/deis"], check=False).stdout == ""
