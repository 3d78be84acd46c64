"""`deisctl` on a running platform: what its commands do to one component and not to the others, and how they fail."""

import signal

import pytest

from .platform import BIN, COMPONENTS, wait_until

RUNNING = ["loaded", "active", "running"]


def containers(platform):
    """{component: ids of its containers}."""
    found = {component: [] for component in ("etcd", *COMPONENTS)}
    listed = platform.docker("ps", "-f", "label=deis.component", "--format", '{{.Label "deis.component"}} {{.ID}}').stdout
    for line in listed.splitlines():
        component, container = line.split()
        found[component].append(container)
    return found


def others(running, component):
    return {name: ids for name, ids in running.items() if name != component}


def states(platform):
    """{component: what the list says of it}."""
    lines = [line.split() for line in platform.deisctl("list").stdout.splitlines()[1:]]
    return {unit.removeprefix("deis-"): state for unit, _, *state in lines}


def test_list_and_status_show_every_component_running(platform):
    assert states(platform) == {component: RUNNING for component in ("etcd", *COMPONENTS)}
    status = platform.deisctl("status", "platform").stdout
    assert status.count("Active: active (running)") == status.count("Announced: /deis/") + 1 == len(COMPONENTS) + 1


def test_stop_ends_one_component_and_start_brings_it_back(platform):
    before = containers(platform)
    try:
        assert "stopped" in platform.deisctl("stop", "logger").stdout
        assert containers(platform) == others(before, "logger") | {"logger": []}
        assert states(platform)["logger"] == ["loaded", "inactive", "dead"]
        assert "Active: inactive (dead)" in platform.deisctl("status", "logger").stdout
    finally:
        platform.deisctl("start", "logger")
    assert platform.ready("logger")
    assert states(platform)["logger"] == RUNNING
    assert others(containers(platform), "logger") == others(before, "logger")


def test_restart_replaces_the_container_of_one_component(platform):
    before, predecessors = containers(platform), platform.leases("logger")
    assert not platform.ready("logger", predecessors)
    platform.deisctl("restart", "logger")
    assert platform.ready("logger", predecessors)
    after = containers(platform)
    assert len(after["logger"]) == 1 and after["logger"] != before["logger"]
    assert others(after, "logger") == others(before, "logger")


def test_scale_to_none_and_back(platform):
    before = containers(platform)
    try:
        platform.deisctl("scale", "registry=0")
        assert containers(platform)["registry"] == []
    finally:
        platform.deisctl("scale", "registry=1")
    assert platform.ready("registry")
    assert others(containers(platform), "registry") == others(before, "registry")


def test_config_sets_gets_and_removes(platform):
    written = platform.deisctl("config", "logger", "set", "colour=light blue", "size=3").stdout
    assert written.splitlines() == ["/deis/logger/colour", "/deis/logger/size"]
    try:
        assert platform.etcd_get("/deis/logger/colour") == "light blue"
        assert platform.deisctl("config", "logger", "get", "size", "colour").stdout == "3\nlight blue\n"
    finally:
        platform.deisctl("config", "logger", "rm", "colour", "size")
    assert not {"/deis/logger/colour", "/deis/logger/size"} & set(platform.etcd_keys("/deis/logger/"))


def test_journal_shows_the_last_lines_and_goes_on_with_the_next_container(platform, tmp_path):
    assert len(platform.deisctl("journal", "--no-follow", "-n", "2", "logger").stdout.splitlines()) == 2
    path = tmp_path / "journal"
    with open(path, "w") as out:
        journal = platform.host.popen([BIN / "deisctl", "journal", "-n", "1", "logger"], stdout=out)
    try:
        wait_until(lambda: path.read_text().count("\n") == 1, 20, "the last line")
        platform.deisctl("restart", "logger")
        wait_until(lambda: '"started"' in path.read_text(), 20, "the lines of the next container")
    finally:
        platform.interrupt(journal, signal.SIGTERM)


@pytest.mark.parametrize("words, reason", [
    (["status", "nosuch"], "there is no component 'nosuch'"),
    (["stop", "nosuch"], "there is no component 'nosuch'"),
    (["journal", "nosuch"], "there is no component 'nosuch'"),
    (["config", "nosuch", "get", "port"], "there is no component 'nosuch'"),
    (["config", "logger", "get", "nosuch"], "/deis/logger/nosuch is not set"),
    (["config", "logger", "rm", "nosuch"], "/deis/logger/nosuch is not set"),
    (["config", "logger", "set", "nosuch"], "'nosuch' is not a setting; write key=value"),
    (["scale", "registry=2"], "each machine runs at most one"),
    (["scale", "registry=many"], "'many' is not a number of instances"),
    (["scale", "logger=0"], "logger cannot be scaled"),
    (["--etcd", "http://127.0.0.1:1", "config", "logger", "get", "port"], "127.0.0.1:1"),
    (["--etcd", "http://127.0.0.1:1", "config", "logger", "set", "port=1"], "127.0.0.1:1"),
    (["--docker", "unix:///run/nowhere.sock", "list"], "/run/nowhere.sock"),
    (["frobnicate"], "frobnicate"),
])
def test_what_cannot_be_done_is_told_and_ends_with_exit_code_1(platform, words, reason):
    before = containers(platform)
    done = platform.deisctl(*words, check=False)
    assert done.returncode == 1
    assert reason in done.stderr, done.stderr
    assert containers(platform) == before
