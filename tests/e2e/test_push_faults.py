"""What a push meets in its middle: a killed builder or registry, a pusher who goes away, a controller that is not there. Nothing of
the push stays, and the next one succeeds."""

import pytest

from .platform import App, ROOT, wait_until

SLOW_STEP = "RUN echo {name} > /first\nRUN sleep 600\n"  # makes an image of its own first
LARGE_STEP = "RUN head -c 400000000 /dev/urandom > /large\n"  # takes some seconds to be pushed to the registry


@pytest.fixture(scope="module")
def ida(platform):
    return platform.user("ida")


class Push:
    """A `git push` under way, and what was there before it."""

    def __init__(self, app):
        self.app, self.platform = app, app.user.platform
        self.images, self.containers = images(self.platform), containers(self.platform)
        self.releases = app.releases()
        self.output = ""
        self.process = self.platform.popen(["git", "-C", str(app.directory), "push", "deis", "master"], env=app.user.env)

    def read_until(self, text):
        for line in self.process.stdout:
            self.output += line
            if text in line:
                return
        raise AssertionError(f"the push ended without {text!r}:\n{self.output}")

    def end(self):
        """Its exit status."""
        self.output += self.process.communicate(timeout=180)[0]
        return self.process.returncode

    def has_left_nothing(self):
        left = {
            "containers": containers(self.platform) - self.containers,
            "images": images(self.platform) - self.images,
            "registry tags": self.platform.registry_tags(self.app.name),
            "services": self.platform.docker("service", "ls", "-q", "-f", f"label=deis.app={self.app.name}").stdout.split(),
            "in the builder": in_builder(self.platform),
            "releases": [release for release in self.app.releases() if release not in self.releases],
        }
        left = {kind: things for kind, things in left.items() if things}
        if left:
            print(f"left of {self.app.name}: {left}")
        return not left


def images(platform):
    return set(platform.docker("images", "-aq", "--no-trunc").stdout.split())


def containers(platform):
    """Those of the platform itself come and go."""
    every = set(platform.docker("ps", "-aq", "--no-trunc").stdout.split())
    return every - set(platform.docker("ps", "-aq", "--no-trunc", "-f", "label=deis.component").stdout.split())


def in_builder(platform):
    """Temporary files, git's quarantines and notes of pushes under way."""
    for container in platform.containers_of("builder"):
        data = "/var/lib/deis/builder"
        found = platform.docker(
            "exec", container, "find", "/tmp", f"{data}/attempts", f"{data}/repos", "-mindepth", "1", "(", "-path", "/tmp/*", "-o",
            "-path", f"{data}/attempts/*", "-o", "-path", "*/objects/*incoming-*", ")", check=False)
        return found.stdout.split() if found.returncode == 0 else ["the builder is not up"]
    return ["the builder is not up"]


def app_of(user, name, step=""):
    app = App(user, name, ROOT / "examples" / "hello").create()
    if step:
        dockerfile = (app.directory / "Dockerfile").read_text()
        app.write("Dockerfile", dockerfile.replace("WORKDIR", step.format(name=name) + "WORKDIR", 1))
        app.commit("a step more")
    return app


def pushes_well(app):
    app.write("Dockerfile", (ROOT / "examples" / "hello" / "Dockerfile").read_text())
    app.commit("as it should be")
    app.push()
    assert app.get("/")[0] == 200
    app.destroy()
    wait_until(lambda: app.user.platform.has_nothing_of(app.name), 60, "nothing is left of the app")


def kill(platform, component, pattern):
    victim = platform.pid_of(component, pattern)
    # Of a daemon that is killed what it announced lives on for a while; a child's daemon goes on announcing.
    predecessors = platform.leases(component) if f"deis-{component}" in pattern else frozenset()
    platform.kill(victim)
    wait_until(
        lambda: platform.is_replaced(component, pattern, victim) and platform.ready(component, predecessors), 40, f"{component} is back")


def build_runs(platform):
    wait_until(
        lambda: "sleep 600" in platform.docker("ps", "--no-trunc", "--format", "{{.Command}}").stdout, 60, "the build is in its last step")


def test_builder_that_is_killed_in_a_build_leaves_nothing(platform, ida):
    app = app_of(ida, "killed-builder", SLOW_STEP)
    push = Push(app)
    build_runs(platform)
    kill(platform, "builder", "deis-builder serve")
    assert push.end() != 0
    wait_until(push.has_left_nothing, 60, "nothing is left of the push")
    pushes_well(app)


def test_release_goes_on_when_the_builder_is_killed_after_asking_for_it(platform, ida):
    app = app_of(ida, "launched", 'ENTRYPOINT ["sh", "-c", "sleep 8; exec \\"$@\\"", "-"]\n')
    push = Push(app)
    push.read_until("Launching")
    kill(platform, "builder", "deis-builder serve")
    assert push.end() != 0
    wait_until(lambda: app.get("/", check=False)[0] == 200, 90, "the release serves")
    wait_until(lambda: not in_builder(platform), 60, "the builder knows what became of it")
    assert len(platform.registry_tags(app.name)) == 1
    assert app.latest() == 2
    pushes_well(app)


def test_registry_that_is_killed_in_a_push_leaves_all_or_nothing(platform, ida):
    app = app_of(ida, "killed-registry", LARGE_STEP)
    push = Push(app)
    push.read_until("Pushing image")
    kill(platform, "registry", "docker-registry")
    if push.end() == 0:  # Docker has tried again
        assert app.get("/")[0] == 200
        assert not in_builder(platform)
    else:
        wait_until(push.has_left_nothing, 60, "nothing is left of the push")
    pushes_well(app)


def test_pusher_who_interrupts_a_build_leaves_nothing(platform, ida):
    app = app_of(ida, "interrupted", SLOW_STEP)
    push = Push(app)
    build_runs(platform)
    platform.interrupt(push.process)
    wait_until(push.has_left_nothing, 60, "nothing is left of the push")
    pushes_well(app)


def test_pusher_learns_that_the_controller_is_away_and_reaches_nothing(platform, ida):
    app = app_of(ida, "reasoned")
    ssh = [*ida.env["GIT_SSH_COMMAND"].split(), "-p", "2222", "git@deis.localhost"]
    platform.deisctl("stop", "controller")
    try:
        wait_until(lambda: not platform.leases("controller"), 30, "the controller is away")
        push = app.push(check=False)
        fetch = app.git("fetch", "deis", check=False)
        others = [ida.run([*ssh, *command], input="", check=False, timeout=30) for command in (["ping"], ["sh"], [])]
        forwarded = ida.run([*ssh, "-W", "127.0.0.1:2379"], input="", check=False, timeout=30)
    finally:
        platform.deisctl("start", "controller")
        wait_until(lambda: platform.ready("controller"), 60, "the controller is back")
    for refused in (push, fetch, *others):
        assert refused.returncode != 0
        assert "the controller is not available; try again in a moment" in refused.stderr, refused.stderr
        assert refused.stdout == ""
    assert forwarded.returncode != 0, forwarded.stdout
    wait_until(lambda: ida.api("GET", "/v1/apps/")[0] == 200, 30, "the controller answers")
    pushes_well(app)


def test_repository_is_packed_after_a_push(platform, ida):
    """git's own thresholds, 6700 objects and 50 packs, are lowered in this one repository."""
    app = app_of(ida, "packed")
    app.git("fetch", "deis")  # makes it
    [repository] = platform.repositories(app.name)
    [builder] = platform.containers_of("builder")
    for setting, value in (("receive.unpackLimit", "1"), ("gc.autoPackLimit", "1")):
        platform.docker("exec", "-u", "git", builder, "git", "-C", repository, "config", setting, value)
    packs = ["exec", builder, "find", repository, "-name", "*.pack"]
    app.push()
    assert len(platform.docker(*packs).stdout.split()) == 1
    app.commit("another")
    app.push()
    wait_until(lambda: len(platform.docker(*packs).stdout.split()) == 1, 30, "two packs have become one")
    pushes_well(app)
