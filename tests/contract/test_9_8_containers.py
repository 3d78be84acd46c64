"""9.8 Containers, scaling."""

import threading

import pytest

from .world import fresh_name, wait_until

CONTAINER_KEYS = {"owner", "app", "release", "type", "num", "state", "created", "updated", "uuid"}
FORBIDDEN = {"detail": "You do not have permission to perform this action."}


@pytest.fixture(scope="module")
def bob(world):
    return world.user("bob")


@pytest.fixture
def shop(world, bob):
    """An app with web.1 at release 2."""
    return world.deployed(bob)


def scale(user, app, status=204, **counts):
    return user.post(f"/apps/{app}/scale/", counts).expect(status)


def numbers(user, app, type):
    return [c["num"] for c in user.results(f"/apps/{app}/containers/{type}/")]


def structure(user, app):
    return user.get(f"/apps/{app}/")["structure"]


# --- scaling --------------------------------------------------------------------------------------------

def test_9_8_scale_one_type_at_a_time(bob, shop):
    scale(bob, shop, web=4)
    assert numbers(bob, shop, "web") == [1, 2, 3, 4] and structure(bob, shop) == {"web": 4}
    scale(bob, shop, worker=1)
    assert structure(bob, shop) == {"web": 4, "worker": 1}
    scale(bob, shop, web=2)
    assert numbers(bob, shop, "web") == [1, 2], "the newest go first"
    assert structure(bob, shop) == {"web": 2, "worker": 1}
    assert bob.count(f"/apps/{shop}/containers/") == 3


def test_9_8_scale_several_types_at_once_and_to_0(bob, shop):
    assert scale(bob, shop, web=2, worker=3).body == b""
    assert numbers(bob, shop, "web") == [1, 2] and numbers(bob, shop, "worker") == [1, 2, 3]
    assert structure(bob, shop) == {"web": 2, "worker": 3}
    scale(bob, shop, web=0, worker=0)
    assert bob.get(f"/apps/{shop}/containers/")["results"] == []
    assert structure(bob, shop) == {"web": 0, "worker": 0}
    scale(bob, shop, web=1)
    assert numbers(bob, shop, "web") == [1] and structure(bob, shop) == {"web": 1}


def test_9_8_scaling_logs_who_scaled_what(world, bob, shop):
    scale(bob, shop, web=2, worker=1)
    world.target.expect_app_log(bob, shop, f"{bob.name} scaled containers web=2 worker=1")


def test_9_8_containers_are_listed_oldest_first_with_exactly_their_keys(bob, shop):
    scale(bob, shop, worker=1)
    scale(bob, shop, web=2)
    found = bob.results(f"/apps/{shop}/containers/")
    assert [(c["type"], c["num"]) for c in found] == [("web", 1), ("worker", 1), ("web", 2)]
    for container in found:
        assert set(container) == CONTAINER_KEYS
        assert (container["app"], container["owner"], container["state"]) == (shop, bob.name, "up")
        assert type(container["num"]) is int
        path = f"/apps/{shop}/containers/{container['type']}/{container['num']}/"
        assert bob.get(path).expect(200).json() == container


def test_9_8_release_of_containers_follows_builds_and_config_changes(world, bob, shop):
    def shown():
        return {c["release"] for c in bob.results(f"/apps/{shop}/containers/")}

    scale(bob, shop, web=2)
    assert shown() == {"v2"}
    bob.post(f"/apps/{shop}/config/", {"values": {"A": "1"}}).expect(201)
    assert shown() == {"v3"}
    world.deploy(bob, shop)
    assert shown() == {"v4"} and numbers(bob, shop, "web") == [1, 2]


def test_9_8_counts_may_be_text(bob, shop):
    scale(bob, shop, web="2")
    assert structure(bob, shop) == {"web": 2}


def test_9_8_words_are_400_with_the_text_that_scripts_know(bob, shop):
    scale(bob, shop, 400, web="not_an_int").refuses(
        400, {"detail": "Invalid scaling format: invalid literal for int() with base 10: 'not_an_int'"})


@pytest.mark.parametrize("count", [[1], {"a": 1}, None, 1.5])
def test_9_8_arrays_and_the_like_are_400_and_then_a_valid_call_still_works(bob, shop, count):
    assert scale(bob, shop, 400, web=count)["detail"].startswith("Invalid scaling format: ")
    scale(bob, shop, web=1)


@pytest.mark.parametrize("count", [-1, "-1", 2**31 - 1, 2**80])
def test_9_8_negative_and_boundless_counts_are_400_and_then_a_valid_call_still_works(bob, shop, count):
    scale(bob, shop, 400, web=count)
    assert structure(bob, shop) == {"web": 1}
    scale(bob, shop, web=1)


def test_9_8_a_body_that_is_a_list_is_400(bob, shop):
    bob.post(f"/apps/{shop}/scale/", [1]).refuses(
        400, {"non_field_errors": ["Invalid data. Expected a dictionary, but got list."]})


@pytest.mark.parametrize("count", [1, 0])
def test_9_8_an_unknown_type_is_400_mentioning_it_and_changes_nothing(bob, shop, count):
    scale(bob, shop, 400, web=2, nosuch=count).refuses(
        400, {"detail": "Container type nosuch does not exist in application"})
    assert structure(bob, shop) == {"web": 1}


def test_9_8_scale_without_a_build_is_400(world, bob):
    app = world.app(bob)
    for counts in ({"web": 1}, {"cmd": 1}, {"nosuch": 1}):
        scale(bob, app, 400, **counts).refuses(400, {"detail": "No build associated with this release"})
    assert scale(bob, app, 400, web="x")["detail"].startswith("Invalid scaling format: "), "values come first"


def test_9_8_scale_is_403_for_a_stranger_and_404_for_a_deleted_app(world, bob, shop):
    eve = world.user("eve")
    scale(eve, shop, 403, web=2).refuses(403, FORBIDDEN)
    bob.delete(f"/apps/{shop}/").expect(204)
    scale(bob, shop, 404, web=2).refuses(404, {"detail": "Not found"})


def test_9_8_scaling_to_nothing_new_is_204(bob, shop):
    scale(bob, shop)
    scale(bob, shop, web=1)
    assert structure(bob, shop) == {"web": 1}


def test_9_8_run_is_no_type_to_scale(bob, shop):
    scale(bob, shop, 400, run=1)
    assert "run" not in structure(bob, shop)


def test_9_8_cmd_may_be_scaled_whatever_the_procfile(bob, shop):
    scale(bob, shop, cmd=1)
    assert structure(bob, shop) == {"web": 1, "cmd": 1}


# --- looking at containers ------------------------------------------------------------------------------

@pytest.mark.parametrize("path", ["web/9/", "web/0/", "web/x/", "worker/1/"])
def test_9_8_an_unknown_container_is_404(bob, shop, path):
    bob.get(f"/apps/{shop}/containers/{path}").refuses(404, {"detail": "Not found"})


def test_9_8_an_unknown_type_has_no_containers(bob, shop):
    assert bob.get(f"/apps/{shop}/containers/nosuch/").expect(200)["results"] == []


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
def test_9_8_state_is_not_settable(bob, shop, method):
    bob.request(method, f"/apps/{shop}/containers/web/1/", {"state": "down"}).expect(405)
    assert bob.get(f"/apps/{shop}/containers/web/1/")["state"] == "up"


# --- restart --------------------------------------------------------------------------------------------

def test_9_8_restart_returns_exactly_the_selected_containers(bob, shop):
    scale(bob, shop, web=2, worker=1)
    for path, expected in (("restart/", [("web", 1), ("web", 2), ("worker", 1)]),
                           ("web/restart/", [("web", 1), ("web", 2)]),
                           ("web/2/restart/", [("web", 2)]),
                           ("web/9/restart/", []), ("nosuch/restart/", [])):
        restarted = bob.post(f"/apps/{shop}/containers/{path}").expect(200).json()
        assert sorted((c["type"], c["num"]) for c in restarted) == expected
        assert all(set(c) == CONTAINER_KEYS for c in restarted)
    wait_until(lambda: {c["state"] for c in bob.results(f"/apps/{shop}/containers/")} == {"up"}, 30, "all are up again")


@pytest.mark.injection
def test_9_8_restart_of_one_type_does_not_touch_others_and_failures_show_as_crashed(world, bob, shop):
    scale(bob, shop, web=2, worker=2)
    with world.target.failures(start=1):
        restarted = bob.post(f"/apps/{shop}/containers/worker/restart/").expect(200).json()
        assert {c["state"] for c in restarted} == {"crashed"}
        assert world.states(bob, shop) == {"web.1": "up", "web.2": "up", "worker.1": "crashed", "worker.2": "crashed"}


# --- an engine that fails -------------------------------------------------------------------------------

@pytest.mark.injection
def test_9_8_creating_that_fails_for_some_is_503_and_none_of_the_new_ones_remain(world, bob, shop):
    scale(bob, shop, web=2)
    with world.target.failures(create=0.5):
        assert scale(bob, shop, 503, web=25)["detail"] == "aborting, failed to create some containers"
        assert world.states(bob, shop) == {"web.1": "up", "web.2": "up"}
    assert structure(bob, shop) == {"web": 2}


@pytest.mark.injection
def test_9_8_starting_that_fails_for_some_is_204_and_shows_crashed_and_up(world, bob, shop):
    with world.target.failures(start=0.5):
        scale(bob, shop, web=30)
        assert set(world.states(bob, shop).values()) == {"crashed", "up"}
        assert structure(bob, shop) == {"web": 30}


@pytest.mark.injection
def test_9_8_destroying_that_fails_for_some_is_503_shows_error_and_retries_reach_204(world, bob, shop):
    scale(bob, shop, web=25)
    with world.target.failures(destroy=0.5):
        answer = scale(bob, shop, 503, web=1)
        assert answer["detail"] == "aborting, failed to destroy some containers"
        states = world.states(bob, shop)
        assert states.pop("web.1") == "up" and 0 < len(states) < 24
        assert set(states.values()) == {"error"}
        wait_until(lambda: bob.post(f"/apps/{shop}/scale/", {"web": 1}).status == 204, 30, "a retry succeeds")
    assert numbers(bob, shop, "web") == [1]


@pytest.mark.injection
def test_9_8_a_deploy_after_failures_leaves_one_container_per_number(world, bob, shop):
    """Duplicates cannot even be made; the original reduced them to the newest before a deploy."""
    scale(bob, shop, web=5)
    for _ in range(3):
        with world.target.failures(create=0.3, start=0.3, destroy=0.3):
            bob.post(f"/apps/{shop}/config/", {"values": {"A": fresh_name("a")}})
            bob.post(f"/apps/{shop}/scale/", {"web": 5})
    world.deploy(bob, shop)
    scale(bob, shop, web=5)
    assert numbers(bob, shop, "web") == [1, 2, 3, 4, 5]
    assert {c["release"] for c in bob.results(f"/apps/{shop}/containers/")} == \
        {f"v{bob.results(f'/apps/{shop}/releases/')[0]['version']}"}


# --- no request fails -----------------------------------------------------------------------------------

@pytest.mark.containers
def test_9_8_no_request_fails_while_an_app_with_a_health_check_scales_up_and_down(world, bob, shop):
    bob.post(f"/apps/{shop}/config/", {"values": {"HEALTHCHECK_URL": "/healthz"}}).expect(201)
    stop, seen = threading.Event(), []

    def ask():
        while not stop.is_set():
            seen.append(world.target.app_status(shop, "/healthz"))

    thread = threading.Thread(target=ask)
    thread.start()
    try:
        for count in (4, 1, 3, 2):
            scale(bob, shop, web=count)
    finally:
        stop.set()
        thread.join()
    assert len(seen) > 20 and set(seen) == {200}
