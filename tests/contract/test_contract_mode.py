"""script/controller: what writers of clients and of tests rely on (docs/contract-mode.md)."""

import os
import threading
import time

import pytest

from .controller import SOURCE, Controller, free_port, running_controller


def seconds(work):
    began = time.monotonic()
    work()
    return time.monotonic() - began


def test_it_starts_in_less_than_five_seconds_and_prints_its_url():
    began = time.monotonic()
    with running_controller(domain="example.test") as controller:
        assert time.monotonic() - began < 5
        answer = controller.call("GET", "/v1/")
        assert answer.status_code == 401
        assert answer.headers["DEIS_API_VERSION"] == "1.7"
        assert controller.url in controller.script("start").stdout  # it runs already
        token = controller.user()
        app = controller.call("POST", "/v1/apps/", token, json={"id": "shop"}).json()
        assert app["url"] == "shop.example.test"
        pids = [controller.pid(name) for name in ("controller", "postgres", "etcd")]
    assert not any(os.path.exists(f"/proc/{pid}") for pid in pids)
    assert not os.path.exists(controller.state)


def test_instances_stand_side_by_side(controller):
    controller.user("ann")
    with running_controller() as other:
        token = other.user("bob")
        assert [user["username"] for user in other.call("GET", "/v1/users/", token).json()["results"]] == ["bob"]


def test_a_port_that_is_taken_is_said_to_be(controller, tmp_path):
    done = Controller(str(tmp_path / "state"), port=controller.port).script("start", check=False)
    assert done.returncode == 1 and f"port {controller.port} is taken" in done.stderr


def test_the_whole_life_of_an_app_needs_no_docker(controller):
    token = controller.user()
    controller.deployed_app(token, "shop")
    assert controller.call("POST", "/v1/apps/shop/scale/", token, json={"web": 3, "worker": 2}).status_code == 204
    states = [c["state"] for c in controller.call("GET", "/v1/apps/shop/containers/", token).json()["results"]]
    assert states == ["up"] * 5
    answer = controller.call("POST", "/v1/apps/shop/config/", token, json={"values": {"A": "1"}})
    assert answer.status_code == 201 and answer.headers["Deis-Release"] == "3"
    code, output = controller.call("POST", "/v1/apps/shop/run/", token, json={"command": "true"}).json()
    assert code == 0 and "shop_v3.run." in output
    assert "ann created initial release" in controller.call("GET", "/v1/apps/shop/logs/", token).text
    assert controller.call("DELETE", "/v1/apps/shop/", token).status_code == 204
    assert controller.call("GET", "/v1/apps/shop/", token).status_code == 404


def test_reset_empties_it_in_less_than_0_3_seconds(controller):
    controller.user("ann")
    bob = controller.user("bob")
    for number in range(5):
        controller.deployed_app(bob, f"shop-{number}")
    controller.set("registrationMode", "disabled")
    controller.set("failure.create", 1)
    assert seconds(lambda: controller.script("reset")) < 0.3
    assert controller.call("GET", "/v1/apps/", bob).status_code == 401
    carl = controller.user("carl")
    users = controller.call("GET", "/v1/users/", carl).json()["results"]
    assert [(user["username"], user["is_superuser"]) for user in users] == [("carl", True)]
    assert controller.call("GET", "/v1/apps/", carl).json()["count"] == 0
    controller.deployed_app(carl, "shop-0")
    logs = controller.call("GET", "/v1/apps/shop-0/logs/", carl).text
    assert "bob" not in logs


def test_reset_ends_what_is_under_way(controller):
    token = controller.user()
    controller.deployed_app(token, "shop")
    controller.set("time.start", 30)
    answers = []
    change = threading.Thread(target=lambda: answers.append(
        controller.call("POST", "/v1/apps/shop/config/", token, json={"values": {"A": "1"}}).status_code))
    change.start()
    while controller.call("GET", "/v1/apps/shop/logs/", token).text.count("container is created") < 2:
        time.sleep(0.01)
    assert seconds(lambda: controller.script("reset")) < 1
    change.join(10)
    assert answers == [503]
    controller.deployed_app(controller.user(), "shop")


@pytest.mark.parametrize("mode, status", [("enabled", 201), ("disabled", 403), ("admin_only", 403)])
def test_set_registration_mode(controller, mode, status):
    controller.user("ann")
    controller.set("registrationMode", mode)
    account = {"username": "bob", "password": "secret", "email": "b@example.com"}
    assert controller.call("POST", "/v1/auth/register/", json=account).status_code == status


def test_set_subdomain_and_reserved_names(controller):
    token = controller.user()

    def create(name):
        return controller.call("POST", "/v1/apps/", token, json={"id": name})

    assert create("deis").json() == {"id": ["deis is a reserved name."]}
    controller.set("subdomain", "paas")
    controller.set("reservedNames", "www,mail")
    for name in ("paas", "www", "mail"):
        answer = create(name)
        assert answer.status_code == 400 and answer.json() == {"id": [f"{name} is a reserved name."]}
    assert create("deis").status_code == 201


def test_set_run_support(controller):
    token = controller.user()
    controller.deployed_app(token, "shop")
    controller.set("run", "disabled")
    answer = controller.call("POST", "/v1/apps/shop/run/", token, json={"command": "true"})
    assert answer.status_code == 400
    assert answer.json() == {"detail": "Support for admin commands is not configured"}
    controller.set("run", "enabled")
    assert controller.call("POST", "/v1/apps/shop/run/", token, json={"command": "true"}).status_code == 200


@pytest.mark.parametrize("kind, text", [
    ("create", "aborting, failed to create some containers"),
    ("start", "aborting, app containers failed to respond to health check"),
    ("health", "aborting, app containers failed to respond to health check"),
])
def test_a_failing_roll_out_leaves_no_release(controller, kind, text):
    token = controller.user()
    controller.deployed_app(token, "shop")
    controller.set(f"failure.{kind}", 1)
    controller.set("time.health", 0.3)
    answer = controller.call("POST", "/v1/apps/shop/config/", token, json={"values": {"A": "1"}})
    assert answer.status_code == 503 and text in answer.json()["detail"]
    assert controller.call("GET", "/v1/apps/shop/releases/", token).json()["count"] == 2
    controller.set(f"failure.{kind}", 0)
    answer = controller.call("POST", "/v1/apps/shop/config/", token, json={"values": {"A": "1"}})
    assert answer.status_code == 201 and answer.headers["Deis-Release"] == "3"


def test_failures_of_stop_destroy_and_run(controller):
    token = controller.user()
    controller.deployed_app(token, "shop")
    controller.set("failure.stop", 1)
    restarted = controller.call("POST", "/v1/apps/shop/containers/restart/", token)
    assert restarted.status_code == 200 and [c["state"] for c in restarted.json()] == ["crashed"]
    controller.set("failure.run", 1)
    answer = controller.call("POST", "/v1/apps/shop/run/", token, json={"command": "true"})
    assert answer.status_code == 503
    controller.set("failure.destroy", 1)
    assert controller.call("DELETE", "/v1/apps/shop/", token).status_code == 503
    assert controller.call("GET", "/v1/apps/shop/", token).status_code == 404
    assert controller.call("POST", "/v1/apps/", token, json={"id": "shop"}).status_code == 409
    controller.set("failure.destroy", 0)
    # 404 when the reconciler was quicker.
    assert controller.call("DELETE", "/v1/apps/shop/", token).status_code in (204, 404)
    assert controller.call("POST", "/v1/apps/", token, json={"id": "shop"}).status_code == 201


def test_without_a_logger_logs_are_an_error(controller):
    token = controller.user()
    controller.deployed_app(token, "shop")
    controller.set("logger", "disabled")
    answer = controller.call("GET", "/v1/apps/shop/logs/", token)
    assert (answer.status_code, answer.text) == (500, "Error accessing logs for shop")


@pytest.mark.parametrize("key, value, reason", [
    ("color", "red", "there is no setting 'color'"),
    ("failure.create", "often", "failure.create must be a number from 0 (never) to 1 (always), not 'often'"),
    ("failure.run", "1.5", "must be a number from 0"),
    ("registrationMode", "open", "registrationMode must be enabled, disabled or admin_only, not 'open'"),
    ("run", "yes", "run must be enabled or disabled"),
    ("reservedNames", 'a"b', "reservedNames"),
])
def test_a_bad_setting_is_refused_with_the_rule(controller, key, value, reason):
    done = controller.script("set", key, value, check=False)
    assert done.returncode == 1 and reason in done.stderr


def test_an_ordinary_controller_has_no_such_door(controller):
    """The door is a part of --engine memory: its paths are in no other source than stand_alone."""
    places = [path for path in SOURCE.glob("controller/**/*.cpp") if "/stand-alone/" in path.read_text()]
    assert [path.name for path in places] == ["stand_alone.cpp"]
    answer = controller.call("POST", "/stand-alone/reset")
    assert answer.status_code in (401, 404)  # nor has the API's own port


def test_commands_say_when_nothing_runs(tmp_path):
    stopped = Controller(str(tmp_path / "state"), port=free_port())
    done = stopped.script("reset", check=False)
    assert done.returncode == 1 and "no controller runs" in done.stderr
    stopped.script("stop")


def test_help_names_every_key(controller):
    text = controller.script("--help").stdout
    for key in controller.settings():
        assert key in text
