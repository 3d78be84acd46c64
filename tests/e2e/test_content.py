"""Never another app's content, whatever happens to containers and their addresses (bench/content.py does it ten million times)."""

from . import content
from .platform import wait_until


def test_no_visitor_gets_another_apps_answer_while_addresses_are_handed_on(platform):
    (right, wrong, other, examples), moved = content.run(platform, seconds=40, restarts=1)
    print(f"{right} right answers, {other} errors, {moved} addresses went to another app")
    assert moved > 0, "nothing was tried"
    assert wrong == 0, examples
    assert right > 10_000


def test_no_visitor_gets_another_apps_answer_while_addresses_are_handed_on_and_etcd_is_away(platform):
    """Then only the publisher can tell the router which containers have ended."""
    apps = content.Content(platform)
    etcd = platform.pid_of("etcd", r"^etcd\b|/etcd\b")
    moved = 0
    try:
        apps.start()
        platform.kill(etcd, "STOP")
        try:
            for _ in range(5):
                moved += apps.chaos()
        finally:
            platform.kill(etcd, "CONT")
        wait_until(lambda: all(app.get("/", check=False)[:2] == (200, app.name) for app in apps.apps), 60, "every app serves again")
    finally:
        right, wrong, other, examples = apps.result()
    print(f"{right} right answers, {other} errors, {moved} addresses went to another app")
    assert moved > 0, "nothing was tried"
    assert wrong == 0, examples
