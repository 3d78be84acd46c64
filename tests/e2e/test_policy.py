"""Health checks, maintenance mode, allow-list and limits of a running app: what its visitors and its people see."""

import json

import pytest

from .platform import App, ROOT, wait_until

UNHEALTHY = "aborting, app containers failed to respond to health check"
ATTEMPT = "app failed health check (got '404', expected: '200')"


@pytest.fixture(scope="module")
def pia(platform):
    return platform.user("pia")


@pytest.fixture(scope="module")
def cafe(pia):
    """The guestbook, which answers 404 where it has no page: one web container."""
    app = App(pia, "cafe", ROOT / "examples" / "guestbook").create()
    app.push()
    yield app
    app.destroy()


def policy(app, noun, body=None):
    """(status, body) of GET, or of POST when there is a body."""
    return app.user.api("POST" if body is not None else "GET", f"/v1/apps/{app.name}/{noun}/", body)


def status_of(app):
    return app.get("/", check=False)[0]


def test_maintenance_holds_when_the_call_returns_and_ends_without_a_release(cafe):
    before = cafe.latest()
    assert policy(cafe, "maintenance", {"enabled": True, "message": "Back at noon"})[0] == 201
    assert cafe.get("/", check=False) == (503, "Back at noon\n")
    assert policy(cafe, "maintenance", {"enabled": False})[0] == 201
    assert status_of(cafe) == 200
    assert cafe.latest() == before


def test_an_allow_list_holds_when_the_call_returns(cafe):
    assert policy(cafe, "allowlist", {"addresses": ["192.0.2.0/24", "2001:db8::/32"]})[0] == 201
    assert status_of(cafe) == 403
    assert policy(cafe, "allowlist", {"addresses": ["192.0.2.0/24", "127.0.0.0/8"]})[0] == 201
    assert status_of(cafe) == 200
    assert policy(cafe, "allowlist", {"addresses": None})[1] == {"addresses": []}


def test_a_whitelist_in_the_config_holds_with_its_release(cafe):
    cafe.deis("config:set", "DEIS_WHITELIST=192.0.2.7:office")
    assert status_of(cafe) == 403
    cafe.deis("config:unset", "DEIS_WHITELIST")
    assert status_of(cafe) == 200


def test_an_http_check_that_passes_is_a_release_like_any_other(cafe):
    before = cafe.latest()
    cafe.deis("config:set", "HEALTHCHECK_URL=/healthz", "HEALTHCHECK_INITIAL_DELAY=1")
    assert cafe.latest() == before + 1
    assert status_of(cafe) == 200


def test_a_check_that_fails_refuses_the_release_and_tells_what_it_got(cafe):
    before = cafe.latest()
    policy(cafe, "healthchecks", {"web": {"startup_timeout": 5}})
    status, body = policy(cafe, "config", {"values": {"HEALTHCHECK_URL": "/no/such/page"}})
    assert status == 503 and body["detail"] == UNHEALTHY and "got '404', expected: '200'" in body["reason"]
    assert cafe.latest() == before
    assert status_of(cafe) == 200

    def told():
        lines = cafe.deis("logs", "-n", "200").stdout
        return lines.count(ATTEMPT + "; trying again in 0.0 seconds") == 3 and lines.count(ATTEMPT) == 4

    wait_until(told, 20, "the log tells three attempts and the last one")


def test_a_new_check_that_the_running_container_never_passed_does_not_end_its_service(cafe):
    status, body = policy(cafe, "healthchecks", {"web": {"type": "http", "path": "/no/such/page", "interval": 1, "failures": 1}})
    assert status == 201 and body["web"]["path"] == "/no/such/page"

    def noticed():
        found = [json.loads(value) for value in cafe.user.platform.etcd_entries(f"/deis/services/{cafe.name}/").values()]
        return found and all(one["state"] == "up" and "new health check" in one["detail"] for one in found)

    try:
        wait_until(noticed, 60, "the publisher tells it")
        assert status_of(cafe) == 200
    finally:
        assert policy(cafe, "healthchecks", {"web": None})[0] == 201


def test_limits_are_a_release_and_reach_the_service(cafe):
    before = cafe.latest()
    status, body = policy(cafe, "limits", {"web": {"memory": "64M", "cpu": 256, "pids": 50}})
    assert status == 201 and body == {"web": {"memory": "64M", "cpu": 256, "pids": 50}}
    assert cafe.latest() == before + 1
    argv = ["service", "inspect", "--format", "{{json .Spec.TaskTemplate.Resources.Limits}}", f"cafe_v{before + 1}_web_1"]
    limits = json.loads(cafe.user.platform.docker(*argv).stdout)
    assert limits == {"NanoCPUs": 250_000_000, "MemoryBytes": 64 << 20, "Pids": 50}
    assert status_of(cafe) == 200


@pytest.mark.parametrize("choice, name", [("application", "cafe.v{release}.{type}.{num}"), ("server", "{machine}")])
def test_the_operator_chooses_the_host_name_of_containers_made_from_then_on(cafe, choice, name):
    platform = cafe.user.platform
    machine = platform.docker("info", "--format", "{{.Name}}").stdout.strip()
    platform.deisctl("config", "controller", "set", f"unitHostname={choice}")
    try:
        cafe.deis("config:set", f"CHOICE={choice}")
        served = cafe.get("/env/HOSTNAME")[1].strip()
        one_off = cafe.deis("run", "--no-attach", "hostname").stdout.splitlines()[-1]
    finally:
        platform.deisctl("config", "controller", "set", "unitHostname=default")
    parts = {"release": cafe.latest(), "machine": machine}
    assert served == name.format(type="web", num=1, **parts)
    assert one_off == name.format(type="run", num=one_off.rpartition(".")[2], **parts)
    cafe.deis("config:unset", "CHOICE")
    assert cafe.get("/env/HOSTNAME")[1].strip() not in (served, machine)
