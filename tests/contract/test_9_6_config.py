"""9.6 Config, limits, tags."""

import json
from concurrent.futures import ThreadPoolExecutor

import pytest

from .world import wait_until

CONFIG_KEYS = {"uuid", "app", "owner", "values", "memory", "cpu", "tags", "created", "updated"}
FORBIDDEN = {"detail": "You do not have permission to perform this action."}
NOT_AN_INTEGER = {"cpu": ["CPU shares must be an integer"]}


@pytest.fixture(scope="module")
def bob(world):
    return world.user("bob")


@pytest.fixture(scope="module")
def plain(world, bob):
    """An app without a build; tests leave whatever config they like."""
    return world.app(bob)


def change(user, app, status=201, **maps):
    return user.post(f"/apps/{app}/config/", maps).expect(status)


def config(user, app):
    return user.get(f"/apps/{app}/config/").expect(200).json()


def test_9_6_a_new_app_has_a_config_of_four_empty_maps(world, bob):
    app = world.app(bob)
    made = config(bob, app)
    assert set(made) == CONFIG_KEYS
    assert [made[map] for map in ("values", "memory", "cpu", "tags")] == [{}, {}, {}, {}]
    assert (made["app"], made["owner"]) == (app, bob.name)


@pytest.mark.parametrize("form", [lambda map: map, json.dumps])
def test_9_6_each_post_makes_a_new_uuid_and_returns_the_merged_map(world, bob, form):
    app = world.app(bob)
    first = change(bob, app, values=form({"A": "1", "B": "2"}))
    assert first["values"] == {"A": "1", "B": "2"}
    assert config(bob, app) == first.json(), "GET right after equals the POST"
    second = change(bob, app, values=form({"B": "3", "C": "4"}))
    assert second["values"] == {"A": "1", "B": "3", "C": "4"}
    assert second["uuid"] != first["uuid"]
    assert config(bob, app) == second.json()


def test_9_6_a_change_bears_the_release_headers(world, bob):
    app = world.app(bob)
    for version in ("2", "3"):
        answer = change(bob, app, values={"A": version})
        assert answer.headers["Deis-Release"] == answer.headers["X-Deis-Release"] == version


def test_9_6_app_and_release_show_only_in_the_answer_of_an_app_with_a_build(world, bob):
    app = world.deployed(bob)
    assert change(bob, app, values={"A": "1"})["values"] == {"A": "1", "DEIS_APP": app, "DEIS_RELEASE": "v3"}
    assert config(bob, app)["values"] == {"A": "1"}


def test_9_6_null_removes_and_removing_the_last_key_leaves_an_empty_map(world, bob):
    app = world.app(bob)
    change(bob, app, values={"A": "1", "B": "2"}, memory={"web": "1G"}, cpu={"web": 5}, tags={"disk": "ssd"})
    assert change(bob, app, values={"A": None})["values"] == {"B": "2"}
    last = change(bob, app, values={"B": None}, memory={"web": None}, cpu={"web": None}, tags={"disk": None})
    assert [last[map] for map in ("values", "memory", "cpu", "tags")] == [{}, {}, {}, {}]
    assert change(bob, app, values={"NEVER_THERE": None})["values"] == {}


def test_9_6_numbers_in_values_become_strings(bob, plain):
    assert change(bob, plain, values={"PORT": 5000})["values"]["PORT"] == "5000"


def test_9_6_cpu_strings_become_integers(bob, plain):
    made = change(bob, plain, cpu={"web": "1024", "worker": 512})
    assert made["cpu"] == {"web": 1024, "worker": 512}
    assert all(type(value) is int for value in made["cpu"].values())


@pytest.mark.parametrize("value", ["this will fail", "", "1.5", 1.5, [1], {"a": 1}, True])
def test_9_6_a_cpu_that_is_no_number_is_400_with_the_exact_message(bob, plain, value):
    bob.post(f"/apps/{plain}/config/", {"cpu": {"web": value}}).refuses(400, NOT_AN_INTEGER)


@pytest.mark.parametrize("value", [-1, 1025, "1025"])
def test_9_6_a_cpu_out_of_range_is_400(bob, plain, value):
    assert list(change(bob, plain, 400, cpu={"web": value}).json()) == ["cpu"]


@pytest.mark.parametrize("name", ["FOO", "_foo", "f001", "FOO_BAR_BAZ_"])
def test_9_6_valid_names(bob, plain, name):
    assert change(bob, plain, values={name: "bar"})["values"][name] == "bar"


@pytest.mark.parametrize("name", ["123", "../../foo", "FOO/", "FOO-BAR", "", "FOO BAR", "Ü"])
def test_9_6_invalid_names_are_400(bob, plain, name):
    before = config(bob, plain)
    assert list(change(bob, plain, 400, values={name: "bar"}).json()) == ["values"]
    assert config(bob, plain) == before


@pytest.mark.parametrize("value", ["Größe ☃ 漢字 😀", "", "two\nlines\n", "a=b \"c\" 'd' $e", "2026-11-25T15:00:00"])
def test_9_6_values_round_trip(bob, plain, value):
    answer = change(bob, plain, values={"TEXT": value})
    assert answer["values"]["TEXT"] == value and config(bob, plain)["values"]["TEXT"] == value
    if "☃" in value:
        assert "☃".encode() in answer.body, "not escaped"


def test_9_6_owner_of_a_config_is_who_made_it(world, bob):
    app = world.app(bob)
    assert change(bob, app, values={"A": "1"})["owner"] == bob.name
    assert change(world.admin, app, values={"A": "2"})["owner"] == world.admin.name
    assert config(bob, app)["owner"] == world.admin.name


def test_9_6_setting_env_keeps_limits_and_one_limit_keeps_the_others(world, bob):
    app = world.app(bob)
    change(bob, app, memory={"web": "1G", "worker": "512M"}, cpu={"web": 100}, tags={"disk": "ssd"})
    made = change(bob, app, values={"A": "1"})
    assert made["memory"] == {"web": "1G", "worker": "512M"}
    assert made["cpu"] == {"web": 100} and made["tags"] == {"disk": "ssd"}
    made = change(bob, app, memory={"web": "2G"})
    assert made["memory"] == {"web": "2G", "worker": "512M"}
    assert made["cpu"] == {"web": 100} and made["values"] == {"A": "1"}


@pytest.mark.parametrize("tags", [{"valid": "in\nvalid"}, {"in.valid": "valid"}, {"a-b": "c"}, {"a1": "c"},
                                  {"valid": "a-b"}, {"valid": ""}])
def test_9_6_a_tag_value_with_newline_and_a_tag_key_with_a_dot_are_400(bob, plain, tags):
    assert list(change(bob, plain, 400, tags=tags).json()) == ["tags"]


def test_9_6_valid_tags(bob, plain):
    assert change(bob, plain, tags={"disk": "ssd", "RACK": "row_7"})["tags"] == {"disk": "ssd", "RACK": "row_7"}
    change(bob, plain, tags={"disk": None, "RACK": None})


@pytest.mark.parametrize("limit", ["20MB", "20gb", "20M", "1G", "30000K", "40000000B", "20mb"])
def test_9_6_memory_limits_that_are_valid(bob, plain, limit):
    assert change(bob, plain, memory={"web": limit})["memory"]["web"] == limit


@pytest.mark.parametrize("limit", ["20MK", "20gK", "20", "MB", "0x14M", "-1M", "1.5G", ""])
def test_9_6_memory_limits_that_are_invalid(bob, plain, limit):
    assert list(change(bob, plain, 400, memory={"web": limit}).json()) == ["memory"]


@pytest.mark.parametrize("type", ["Web", "1web", "-web", ""])
def test_9_6_limits_are_for_process_types(bob, plain, type):
    answer = change(bob, plain, 400, memory={type: "1G"}, cpu={type: 1})
    assert set(answer.json()) == {"memory", "cpu"}


def test_9_6_every_bad_map_is_reported(bob, plain):
    answer = change(bob, plain, 400, values={"A-B": "1"}, memory={"web": "x"}, cpu={"web": "x"}, tags={"a.b": "c"})
    assert set(answer.json()) == {"values", "memory", "cpu", "tags"}
    assert all(len(messages) == 1 for messages in answer.json().values())


@pytest.mark.parametrize("value", ["no json", "[1]", [1], None, 5])
def test_9_6_a_map_that_is_no_object_is_400(bob, plain, value):
    for map in ("values", "memory", "cpu", "tags"):
        assert list(bob.post(f"/apps/{plain}/config/", {map: value}).expect(400).json()) == [map]


def test_9_6_an_empty_body_makes_a_release_that_changed_nothing(world, bob):
    app = world.app(bob)
    bob.post(f"/apps/{app}/config/").expect(201)
    assert bob.results(f"/apps/{app}/releases/")[0]["summary"] == f"{bob.name} changed nothing"


@pytest.mark.injection
def test_9_6_while_another_change_holds_the_app_it_is_409_and_nothing_changes(world, bob):
    app = world.deployed(bob)
    with world.target.slow_starts(seconds=8), ThreadPoolExecutor() as threads:
        holder = threads.submit(bob.post, f"/apps/{app}/builds/", world.build(app))
        wait_until(lambda: bob.count(f"/apps/{app}/builds/") == 2, 5, "the build holds the app")
        answer = bob.post(f"/apps/{app}/config/", {"values": {"SECOND": "1"}}).expect(409)
        holder.result().expect(201)
    assert list(answer.json()) == ["error"]
    assert answer["error"].startswith("Config changes already in progress.\n")
    assert config(bob, app)["values"] == {} and world.release_count(bob, app) == 3


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE"])
def test_9_6_put_patch_delete_are_405(bob, plain, method):
    bob.request(method, f"/apps/{plain}/config/").refuses(405, {"detail": f"Method '{method}' not allowed."})


def test_9_6_a_stranger_gets_403(world, bob, plain):
    eve = world.user("eve")
    eve.get(f"/apps/{plain}/config/").refuses(403, FORBIDDEN)
    eve.post(f"/apps/{plain}/config/", {"values": {"A": "1"}}).refuses(403, FORBIDDEN)


# --- health checks: they need containers that answer ------------------------------------------------------

def test_9_6_a_health_check_that_passes_is_201_and_the_next_version(world, bob):
    app = world.deployed(bob)
    answer = change(bob, app, values={"HEALTHCHECK_URL": "/healthz"})
    assert answer.headers["Deis-Release"] == "3"


@pytest.mark.containers
@pytest.mark.parametrize("values", [
    {"HEALTHCHECK_URL": "/status/404"},                            # another code
    {"HEALTHCHECK_URL": "/healthz", "PORT": "5001"},               # another port than the app's: refused
    {"HEALTHCHECK_URL": "/slow/3", "HEALTHCHECK_TIMEOUT": "1"},    # too late
])
def test_9_6_a_health_check_that_fails_is_503_with_the_exact_text_and_the_version_stays(world, bob, values):
    app = world.deployed(bob)
    answer = change(bob, app, 503, values=values)
    assert answer["detail"] == "aborting, app containers failed to respond to health check"
    assert world.release_count(bob, app) == 2
    assert config(bob, app)["values"] == {}
    assert world.states(bob, app) == {"web.1": "up"}
    if values["HEALTHCHECK_URL"] == "/status/404":
        world.target.expect_app_log(bob, app, "app failed health check (got '404', expected: '200')")


@pytest.mark.containers
def test_9_6_the_health_check_timeout_is_honoured(world, bob):
    app = world.deployed(bob)
    change(bob, app, values={"HEALTHCHECK_URL": "/slow/2", "HEALTHCHECK_TIMEOUT": "5"})


@pytest.mark.injection
def test_9_6_containers_that_do_not_answer_are_503_with_the_exact_text(world, bob):
    app = world.deployed(bob)
    with world.target.failures(health=1):
        answer = change(bob, app, 503, values={"HEALTHCHECK_URL": "/"})
    assert answer["detail"] == "aborting, app containers failed to respond to health check"
    assert world.release_count(bob, app) == 2 and config(bob, app)["values"] == {}
    world.target.expect_app_log(bob, app, "app failed health check (got '500', expected: '200')")
