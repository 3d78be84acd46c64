"""Never another app's content, whatever happens to containers and their addresses (bench/content.py does it ten million times)."""

import pytest

from . import content
from .platform import wait_until


@pytest.fixture(scope="module")
def apps(platform):
    apps = content.Content(platform)
    yield apps
    apps.destroy()


def serve(apps):
    return all(app.get("/", check=False) == (200, app.name) for app in apps.apps)


def test_no_visitor_gets_another_apps_answer_while_addresses_are_handed_on(apps):
    (right, wrong, other, examples), moved = content.run(apps, seconds=40, restarts=1)
    print(f"{right} right answers, {other} errors, {moved} addresses went to another app")
    assert moved > 0, "nothing was tried"
    assert wrong == 0, examples
    assert right > 10_000


def test_no_visitor_gets_another_apps_answer_while_addresses_are_handed_on_and_etcd_is_away(platform, apps):
    """Then only the publisher can tell the router which containers have ended."""
    wait_until(lambda: serve(apps), 60, "every app serves")
    etcd = platform.pid_of("etcd", r"^etcd\b|/etcd\b")
    apps.start()
    platform.kill(etcd, "STOP")
    try:
        moved = sum(apps.chaos() for _ in range(3))
    finally:
        platform.kill(etcd, "CONT")
    wait_until(lambda: serve(apps), 60, "every app serves again")
    right, wrong, other, examples = apps.result()
    print(f"{right} right answers, {other} errors, {moved} addresses went to another app")
    assert moved > 0, "nothing was tried"
    assert wrong == 0, examples
