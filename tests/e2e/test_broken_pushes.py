"""Must show 5: a push that cannot work is refused with a reason a person understands, and leaves nothing behind."""

import contextlib
import re

import pytest

from .platform import App, ROOT, wait_until

FROM = "FROM debian:bookworm-slim\n"
REPOSITORIES = "/var/lib/deis/builder/repos"


@pytest.fixture(scope="module")
def bob(platform):
    return platform.user("bob")


def traces(platform, name):
    """By kind, all that a push to this app can leave."""
    builder = platform.containers_of("builder")[0]

    def lines(*argv):
        return set(platform.docker(*argv).stdout.splitlines())

    def files(*argv):  # others of the builder may be going just now
        return lines("exec", builder, "find", argv[0], "-ignore_readdir_race", *argv[1:])

    status, releases = platform.admin.api("GET", f"/v1/apps/{name}/releases/")
    return {
        "images": lines("images", "-aq", "--no-trunc"),
        "containers": lines("ps", "-aq", "--no-trunc"),
        "services": lines("service", "ls", "-q", "-f", f"label=deis.app={name}"),
        "registry tags": set(platform.registry_tags(name)),
        "releases": {release["version"] for release in releases["results"]} if status == 200 else set(),
        "temporary files": files("/tmp", "-mindepth", "1"),
        # git's quarantine is a directory of this name beside the objects.
        "objects": files(REPOSITORIES, "-path", f"*/{name}.git/objects/*", "(", "-not", "-type", "d", "-o", "-name", "*incoming*", ")"),
        "refs": files(REPOSITORIES, "-path", f"*/{name}.git/*refs*", "-not", "-type", "d"),
    }


@contextlib.contextmanager
def nothing_left(platform, name):
    """A push to the app in this block leaves nothing."""
    before = traces(platform, name)
    yield

    def gone():
        left = {kind: things - before[kind] for kind, things in traces(platform, name).items() if things - before[kind]}
        if left:
            print(f"left of the push to {name}: {left}")
        return not left

    wait_until(gone, 40, "nothing of the push is left")


def broken(user, name, dockerfile, **files):
    app = App(user, name, ROOT / "examples" / "hello")
    app.write("Dockerfile", dockerfile)
    for file, text in files.items():
        app.write(file, text)
    app.commit("broken")
    return app.create()


def refused(app, *reasons):
    """Pushes, demands a refusal that names each reason, and that nothing is left of it."""
    with nothing_left(app.user.platform, app.name):
        done = app.push(check=False)
        assert done.returncode != 0
        assert "pre-receive hook declined" in done.stderr, done.stderr
        for reason in reasons:
            assert reason in done.stderr, done.stderr


@pytest.mark.parametrize("name, dockerfile, reasons", [
    ("build-error", FROM + "RUN echo first > /first\nRUN echo about to fail && exit 9\n", ["about to fail", "returned a non-zero code: 9"]),
    ("bad-dockerfile", "FRUM nothing\n", ["unknown instruction"]),
    ("exits", FROM + "ENV PORT=5000\nCMD [\"bash\", \"-c\", \"echo goodbye cruel world; exit 4\"]\n", ["exited with code 4", "goodbye cruel world"]),
    ("never-opens", FROM + "ENV PORT=5000\nENV HEALTHCHECK_TIMEOUT=1\nCMD [\"sleep\", \"1000\"]\n", ["5000", "refused"]),
    ("no-port", FROM + "CMD [\"sleep\", \"1000\"]\n", ["PORT"]),
])
def test_broken_push_is_refused_with_its_reason_and_leaves_nothing(bob, name, dockerfile, reasons):
    app = broken(bob, name, dockerfile)
    refused(app, *reasons)
    app.destroy()


def test_broken_second_push_leaves_the_first_release_serving(bob, platform):
    app = App(bob, "keeps", ROOT / "examples" / "hello").create()
    app.push()

    def first():
        containers = platform.docker("ps", "-q", "-f", f"label=deis.app={app.name}").stdout
        images = platform.docker("images", "-q", f"localhost:5000/{app.name}").stdout
        return app.get("/")[1], app.releases(), platform.registry_tags(app.name), containers, images

    before = first()
    seen = traces(platform, app.name)
    assert all(seen[kind] for kind in seen if kind != "temporary files"), seen  # a push that works leaves one of each
    app.write("Dockerfile", FROM + "ENV PORT=5000\nCMD [\"false\"]\n")
    app.commit("broken")
    refused(app, "exited with code 1")
    assert first() == before
    app.destroy()


def test_procfile_that_is_not_a_map_is_refused(bob):
    app = broken(bob, "bad-procfile", FROM + "EXPOSE 5000\n", Procfile="- web\n- worker\n")
    refused(app, "Procfile")
    app.destroy()


def test_repository_without_a_dockerfile_is_refused(bob):
    app = App(bob, "plain", ROOT / "examples" / "hello").create()
    app.git("rm", "-q", "Dockerfile")
    app.commit("no Dockerfile")
    refused(app, "Dockerfile")
    app.destroy()


def pushes(user, directory, name):
    """The finished push of a checkout, which may be somebody else's, to an app."""
    argv = ["git", "-C", str(directory), "push", f"ssh://git@deis.localhost:2222/{name}.git", "master"]
    return user.run(argv, check=False)


def test_push_to_somebody_elses_app_is_refused(bob, platform):
    app = App(bob, "mine", ROOT / "examples" / "hello").create()
    with nothing_left(platform, app.name):
        done = pushes(platform.user("eve"), app.directory, app.name)
        assert done.returncode != 0
        assert "permission" in done.stderr.lower(), done.stderr
    app.destroy()


def test_push_to_an_unknown_app_is_refused(bob, platform):
    app = App(bob, "no-such-app", ROOT / "examples" / "hello")
    with nothing_left(platform, app.name):
        done = pushes(bob, app.directory, app.name)
        assert done.returncode != 0
        assert "no-such-app" in done.stderr and "not" in done.stderr.lower(), done.stderr
    assert platform.repositories(app.name) == []


def test_unknown_key_is_refused(bob, platform):
    app = App(bob, "keyless", ROOT / "examples" / "hello").create()
    friend = platform.user("friend")
    app.deis("perms:create", friend.name)  # so it is the key alone
    friend.deis("keys:remove", f"{friend.name}-key")
    with nothing_left(platform, app.name):
        done = pushes(friend, app.directory, app.name)
        assert done.returncode != 0
        assert "permission denied (publickey)" in done.stderr.lower(), done.stderr
    app.destroy()


@pytest.mark.parametrize("repository", ["../../etc/x.git", "a;touch pwned.git", "a$(id).git", "a`id`.git", "a b.git", "a\nb.git", "'.git"])
def test_malformed_repository_names_reach_nothing(bob, platform, repository):
    ssh = bob.env["GIT_SSH_COMMAND"].split()
    done = bob.run(
        [*ssh, "-p", "2222", "git@deis.localhost", f"git-receive-pack '{repository}'"], input="", check=False, timeout=30)
    assert done.returncode != 0
    # Those of destroyed apps may be going just now: one look.
    assert [r for r in platform.repositories("*") if not re.fullmatch(r"/var/lib/deis/builder/repos/[a-z0-9-]+\.(git|removed)", r)] == []


@pytest.mark.parametrize("command", ["", "sh", "bash -c id", "scp -t /", "git-receive-pack", "git-shell", "ping; id"])
def test_other_commands_over_ssh_are_refused(bob, command):
    ssh = bob.env["GIT_SSH_COMMAND"].split()
    done = bob.run([*ssh, "-p", "2222", "git@deis.localhost", *([command] if command else [])], input="", check=False, timeout=30)
    assert done.returncode != 0
    assert "uid=" not in done.stdout


def test_second_push_while_one_is_under_way_is_refused(bob, platform):
    app = broken(bob, "one-at-a-time", FROM + "RUN sleep 8\nENV PORT=5000\nCMD [\"false\"]\n")
    app.git("branch", "other")
    with nothing_left(platform, app.name):
        first = platform.popen(["git", "-C", str(app.directory), "push", "deis", "master"], env=bob.env)
        try:
            wait_until(lambda: "sleep 8" in platform.docker("ps", "--no-trunc", "--format", "{{.Command}}").stdout, 20, "the build runs")
            second = app.git("push", "deis", "other", check=False)
        finally:
            first.communicate(timeout=120)
        assert second.returncode != 0
        assert "another push" in second.stderr.lower(), second.stderr
    app.destroy()
