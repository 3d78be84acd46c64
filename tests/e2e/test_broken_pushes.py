"""Must show 5: a push that cannot work is refused with a reason a person understands, and leaves nothing behind."""

import re

import pytest

from .platform import App, ROOT, wait_until

FROM = "FROM debian:bookworm-slim\n"


@pytest.fixture(scope="module")
def bob(platform):
    return platform.user("bob")


def images(platform):
    return set(platform.docker("images", "-aq", "--no-trunc").stdout.split())


def containers(platform):
    return set(platform.docker("ps", "-aq", "--no-trunc").stdout.split())


def broken(user, name, dockerfile, **files):
    app = App(user, name, ROOT / "examples" / "hello")
    app.write("Dockerfile", dockerfile)
    for file, text in files.items():
        app.write(file, text)
    app.commit("broken")
    return app.create()


def refused(app, *reasons):
    """Pushes, demands a refusal that names each reason, and that nothing is left of it."""
    platform = app.user.platform
    images_before, containers_before = images(platform), containers(platform)
    releases_before = app.releases()
    done = app.push(check=False)
    assert done.returncode != 0
    assert "pre-receive hook declined" in done.stderr, done.stderr
    for reason in reasons:
        assert reason in done.stderr, done.stderr
    assert app.releases() == releases_before
    wait_until(lambda: containers(platform) <= containers_before, 40, "its containers are gone")
    assert images(platform) <= images_before
    assert platform.registry_tags(app.name) == []
    assert platform.docker("service", "ls", "-q", "-f", f"label=deis.app={app.name}").stdout.strip() == ""
    return done.stderr


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
    _, page = app.get("/")
    tags = platform.registry_tags(app.name)
    app.write("Dockerfile", FROM + "ENV PORT=5000\nCMD [\"false\"]\n")
    app.commit("broken")
    releases = app.releases()
    done = app.push(check=False)
    assert done.returncode != 0
    assert app.get("/")[1] == page
    assert app.releases() == releases
    assert platform.registry_tags(app.name) == tags
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


def test_push_to_somebody_elses_app_is_refused(bob, platform):
    App(bob, "mine", ROOT / "examples" / "hello").create()
    eve = platform.user("eve")
    app = App(eve, "theirs", ROOT / "examples" / "hello")
    app.git("remote", "add", "deis", "ssh://git@deis.localhost:2222/mine.git")
    done = app.push(check=False)
    assert done.returncode != 0
    assert "permission" in done.stderr.lower(), done.stderr
    bob.deis("destroy", "-a", "mine", "--confirm=mine")


def test_push_to_an_unknown_app_is_refused(bob, platform):
    app = App(bob, "no-such-app", ROOT / "examples" / "hello")
    app.git("remote", "add", "deis", "ssh://git@deis.localhost:2222/no-such-app.git")
    done = app.push(check=False)
    assert done.returncode != 0
    assert "no-such-app" in done.stderr and "not" in done.stderr.lower(), done.stderr
    assert platform.repositories("no-such-app") == []


def test_unknown_key_is_refused(bob, platform):
    app = App(bob, "keyless", ROOT / "examples" / "hello").create()
    stranger = platform.user("stranger")
    stranger.deis("keys:remove", f"{stranger.name}-key")
    push = stranger.run(
        ["git", "-C", str(app.directory), "push", "ssh://git@deis.localhost:2222/keyless.git", "master"], check=False)
    assert push.returncode != 0
    assert "denied" in push.stderr.lower(), push.stderr
    app.destroy()


@pytest.mark.parametrize("repository", ["../../etc/x.git", "a;touch pwned.git", "a$(id).git", "a`id`.git", "a b.git", "a\nb.git", "'.git"])
def test_malformed_repository_names_reach_nothing(bob, platform, repository):
    ssh = bob.env["GIT_SSH_COMMAND"].split()
    done = bob.run(
        [*ssh, "-p", "2222", "git@deis.localhost", f"git-receive-pack '{repository}'"], input="", check=False, timeout=30)
    assert done.returncode != 0
    # Those of destroyed apps may be going just now: one look.
    assert [r for r in platform.repositories("*") if not re.fullmatch(r"/var/lib/deis/builder/repos/[a-z0-9-]+\.git", r)] == []


@pytest.mark.parametrize("command", ["", "sh", "bash -c id", "scp -t /", "git-receive-pack", "git-shell", "ping; id"])
def test_other_commands_over_ssh_are_refused(bob, command):
    ssh = bob.env["GIT_SSH_COMMAND"].split()
    done = bob.run([*ssh, "-p", "2222", "git@deis.localhost", *([command] if command else [])], input="", check=False, timeout=30)
    assert done.returncode != 0
    assert "uid=" not in done.stdout


def test_second_push_while_one_is_under_way_is_refused(bob, platform):
    slow = FROM + "RUN sleep 8\nENV PORT=5000\nCMD [\"false\"]\n"
    app = broken(bob, "one-at-a-time", slow)
    first = platform.popen(["git", "-C", str(app.directory), "push", "deis", "master"], env=bob.env)
    wait_until(lambda: len(platform.docker("ps", "-q", "-f", "label=deis.app=one-at-a-time").stdout.split()) or
               "sleep 8" in platform.docker("ps", "--no-trunc", "--format", "{{.Command}}").stdout, 20, "the build runs")
    app.git("branch", "other")
    second = app.git("push", "deis", "other", check=False)
    assert second.returncode != 0
    assert "another push" in second.stderr.lower(), second.stderr
    first.communicate(timeout=120)
    app.destroy()
