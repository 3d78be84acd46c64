"""Must show 4: any one process is killed at any moment; apps keep serving, the component returns, deploys work afterwards."""

import contextlib
import json
import time

import pytest

from .platform import App, BIN, COMPONENTS, ROOT, wait_until

# component, pattern of the command line of the process to kill, allowed outage of the app in seconds
NEEDED_BY_A_DEPLOY = [
    ("etcd", r"etcd", 0),
    ("store", r"deis-store", 0),
    ("database", r"deis-database", 0),
    ("registry", r"deis-registry", 0),
    ("controller", r"deis-controller", 0),
    ("publisher", r"deis-publisher", 0),
    ("router", r"deis-router agent", 0),
    ("router", r"nginx: master", 3),
]
VICTIMS = NEEDED_BY_A_DEPLOY + [
    ("database", r"^postgres\b|bin/postgres\b", 0),
    ("registry", r"docker-registry", 0),
    ("logger", r"deis-logger", 0),
    ("logspout", r"deis-logspout", 0),
    ("builder", r"deis-builder", 0),
    ("builder", r"sshd", 0),
    ("router", r"deis-router supervise", 3),
    ("router", r"nginx: worker", 3),
]


def each_of(victims):
    ids = [f"{component}-{pattern.split('|')[0]}" for component, pattern, _ in victims]
    return pytest.mark.parametrize("component, pattern, allowed", victims, ids=ids)


@pytest.fixture(scope="module")
def app(platform):
    app = App(platform.user("fault"), "steady", ROOT / "examples" / "guestbook").create()
    app.push()
    app.deis("scale", "web=2")
    yield app
    app.destroy()


@contextlib.contextmanager
def serving(app, allowed):
    """The app is asked all the while, and is never away for longer than so many seconds."""
    script = str(ROOT / "tests" / "e2e" / "prober.py")
    prober = app.user.platform.popen(["/usr/bin/python3", script, f"{app.name}.localhost", "80", "/healthz"])
    try:
        assert prober.stdout.readline().strip() == "ready"
        yield
    finally:
        result = json.loads(prober.communicate(timeout=30)[0].splitlines()[-1])
    assert result["requests"] > 10
    assert result["longest_outage"] <= allowed, result


class Victim:
    """A process that is killed when everything else is prepared."""

    def __init__(self, platform, component, pattern):
        self.platform, self.component, self.pattern = platform, component, pattern
        self.pid = platform.pid_of(component, pattern)
        # A server that our program supervises may die without it: what our program announced then stays true.
        self.predecessors = platform.leases(component) if pattern.startswith("deis-") else set()

    def is_back(self):
        replaced = self.platform.is_replaced(self.component, self.pattern, self.pid)
        return replaced and self.platform.ready(self.component, self.predecessors)

    def kill(self):
        """Returns when the component is back, and the controller has what it needs."""
        began = time.monotonic()
        self.platform.kill(self.pid)
        wait_until(self.is_back, 15, f"{self.component} is back and announced")
        print(f"{self.component} was back after {time.monotonic() - began:.1f} s")
        wait_until(lambda: self.platform.admin.api("GET", "/v1/apps/")[0] == 200, 15, "the controller answers")


def release_of(app):
    """That of the container which answers."""
    return app.get("/env/DEIS_RELEASE")[1].strip()


def services(app):
    return set(app.user.platform.docker("service", "ls", "-q", "-f", f"label=deis.app={app.name}").stdout.split())


def deploys(app):
    before = app.latest()
    app.deis("config:set", f"AFTER={before}")
    assert app.get("/env/AFTER")[1].strip() == str(before)


def pushes(app):
    before = app.latest()
    app.write("after.txt", str(before))
    app.commit(f"after v{before}")
    app.push()
    assert release_of(app) == f"v{before + 1}"


@each_of(VICTIMS)
def test_killed_process_returns_and_apps_keep_serving(platform, app, component, pattern, allowed):
    victim = Victim(platform, component, pattern)
    with serving(app, allowed):
        victim.kill()
        if component in ("builder", "registry"):
            pushes(app)
        else:
            deploys(app)


# What only a push needs is killed in test_push_faults.py.
@each_of(NEEDED_BY_A_DEPLOY)
def test_process_killed_in_the_middle_of_a_deploy_leaves_a_consistent_platform(platform, app, component, pattern, allowed):
    victim, old = Victim(platform, component, pattern), services(app)
    with serving(app, allowed):
        deploy = platform.popen([str(BIN / "deis"), "config:set", "-a", app.name, f"MIDDLE={pattern}"], env=app.user.env)
        try:
            wait_until(lambda: services(app) - old, 30, "a container of the new release is on its way")
            assert deploy.poll() is None
            victim.kill()
        finally:
            output = deploy.communicate(timeout=120)[0]
        assert deploy.returncode != 0 or app.get("/env/MIDDLE")[1].strip() == pattern, output
        wait_until(lambda: release_of(app) == f"v{app.latest()}", 30, "the newest release is the one that serves")
        deploys(app)
    wait_until(lambda: len(services(app)) == 2, 90, "only the live release's containers are left")


def is_back_within_a_minute_of_its_start(platform, app, stop):
    predecessors = {component: platform.leases(component) for component in COMPONENTS}
    stop()
    began = time.monotonic()
    platform.host.start_docker()
    # Longer than it may take, so that a failure says how long it took.
    wait_until(lambda: app.get("/healthz", check=False)[0] == 200, 120, "the app serves again")
    served = time.monotonic() - began
    for component in COMPONENTS:
        wait_until(lambda: platform.ready(component, predecessors[component]), 120, f"{component} is ready again")
    wait_until(lambda: app.user.api("GET", "/v1/apps/")[0] == 200, 120, "the controller answers")
    took = time.monotonic() - began
    print(f"the app served after {served:.1f} s, everything was back after {took:.1f} s")
    assert took <= 60
    deploys(app)


def test_restart_of_the_docker_daemon_brings_everything_back_without_a_hand(platform, app):
    is_back_within_a_minute_of_its_start(platform, app, platform.host.stop_docker)


def test_everything_is_back_after_the_docker_daemon_is_killed_with_sigkill(platform, app):
    is_back_within_a_minute_of_its_start(platform, app, platform.host.kill_docker)
