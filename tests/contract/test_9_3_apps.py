"""9.3 Apps."""

import re

import pytest

from .world import fresh_name
from .http import User

APP_KEYS = {"uuid", "id", "owner", "url", "structure", "created", "updated"}
FORBIDDEN = {"detail": "You do not have permission to perform this action."}
NOT_FOUND = {"detail": "Not found"}
UTC = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dUTC")
UUID4 = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")


@pytest.fixture(scope="module")
def bob(world):
    return world.user("bob")


@pytest.fixture(scope="module")
def eve(world):
    return world.user("eve")


# --- creation -------------------------------------------------------------------------------------------

def test_9_3_create_without_a_body_works_and_returns_an_id(bob):
    made = bob.post("/apps/").expect(201)
    assert re.fullmatch("[a-z]{6}-[a-z]{8}", made["id"])


def test_9_3_create_with_an_id_returns_exactly_the_keys(world, bob):
    id = fresh_name("app")
    made = bob.post("/apps/", {"id": id, "cluster": "dev", "structure": {"web": 5}}).expect(201).json()
    assert set(made) == APP_KEYS
    assert (made["id"], made["owner"], made["structure"]) == (id, bob.name, {})
    assert made["url"] == f"{id}.{world.target.domain}"
    assert UUID4.fullmatch(made["uuid"])
    assert UTC.fullmatch(made["created"]) and UTC.fullmatch(made["updated"])
    assert bob.get(f"/apps/{id}/").expect(200).json() == made


def test_9_3_a_second_app_with_the_same_id_is_400_with_the_unique_message(world, bob, eve):
    app = world.app(bob)
    eve.post("/apps/", {"id": app}).refuses(400, {"id": ["This field must be unique."]})


@pytest.mark.parametrize("id", ["UPPER", "Shop", "under_score", "dot.dot", "ünicode"])
def test_9_3_upper_case_in_an_id_is_400_and_says_what_ids_may_contain(bob, id):
    bob.post("/apps/", {"id": id}).refuses(400, {"id": ["App IDs can only contain [a-z0-9-]."]})


def test_9_3_reserved_names_are_400(world, bob):
    for name in world.target.reserved_names:
        bob.post("/apps/", {"id": name}).refuses(400, {"id": [f"{name} is a reserved name."]})


@pytest.mark.parametrize("id, message", [
    ("", "This field may not be blank."), (None, "This field may not be null."),
    ("a" * 65, "Ensure this field has no more than 64 characters.")])
def test_9_3_an_id_is_neither_empty_nor_null_nor_too_long(bob, id, message):
    bob.post("/apps/", {"id": id}).refuses(400, {"id": [message]})


@pytest.mark.parametrize("form", ["-{}-", "{}", "0{}"])
def test_9_3_hyphens_at_the_ends_and_digits_are_fine(bob, form):
    id = form.format(fresh_name("app"))
    assert bob.post("/apps/", {"id": id}).expect(201)["id"] == id


def test_9_3_creation_logs_the_initial_release_to_the_app(world, bob):
    app = world.app(bob)
    world.target.expect_app_log(bob, app, f"{bob.name} created initial release")


# --- methods and deletion -------------------------------------------------------------------------------

@pytest.mark.parametrize("method", ["PATCH", "PUT"])
def test_9_3_patch_on_an_app_is_405(world, bob, method):
    app = world.app(bob)
    answer = bob.request(method, f"/apps/{app}/", {"owner": "eve"})
    answer.refuses(405, {"detail": f"Method '{method}' not allowed."})
    assert set(answer.headers["Allow"].split(", ")) >= {"GET", "POST", "DELETE", "HEAD", "OPTIONS"}


def test_9_3_after_delete_everything_below_the_app_is_404(world, bob):
    app = world.deployed(bob)
    assert bob.delete(f"/apps/{app}/").expect(204).body == b""
    for path in ("", "containers/", "config/", "releases/", "builds/", "domains/", "perms/", "logs/"):
        bob.get(f"/apps/{app}/{path}").refuses(404, NOT_FOUND)
    assert app not in {a["id"] for a in bob.results("/apps/?page_size=10000")}


# --- who may --------------------------------------------------------------------------------------------

def test_9_3_an_admin_sees_reads_and_deletes_other_users_apps(world, bob):
    app = world.app(bob)
    assert app in {a["id"] for a in world.admin.results("/apps/?page_size=100000")}
    assert world.admin.get(f"/apps/{app}/").expect(200)["owner"] == bob.name
    world.admin.delete(f"/apps/{app}/").expect(204)
    bob.get(f"/apps/{app}/").expect(404)


def test_9_3_a_stranger_gets_403_on_get_delete_run_logs_scale(world, bob, eve):
    app = world.app(bob)
    for method, path, body in (("GET", "", None), ("DELETE", "", None), ("POST", "run", {"command": "ls"}),
                               ("GET", "logs", None), ("POST", "scale", {"web": 1}), ("GET", "perms", None),
                               ("POST", "", {"owner": eve.name})):
        options = {} if body is None else {"body": body}
        eve.request(method, f"/apps/{app}/{path}", **options).refuses(403, FORBIDDEN)
    assert app not in {a["id"] for a in eve.results("/apps/?page_size=10000")}


def test_9_3_a_wrong_id_is_404_even_for_the_owner_of_other_apps(world, bob):
    world.app(bob)
    none = fresh_name("none")
    for path in ("", "config/", "builds/", "releases/", "containers/", "domains/", "perms/", "logs/"):
        bob.get(f"/apps/{none}/{path}").refuses(404, NOT_FOUND)
    bob.get("/apps/UPPER/").refuses(404, NOT_FOUND)


def test_9_3_apps_are_listed_in_the_order_of_their_creation(world):
    joe = world.user("joe")
    made = [world.app(joe) for _ in range(3)]
    assert [a["id"] for a in joe.results("/apps/")] == made


# --- transfer -------------------------------------------------------------------------------------------

def test_9_3_transfer_by_the_owner_shows_the_new_owner_and_shuts_the_old_one_out(world, bob, eve):
    app = world.app(bob)
    assert bob.post(f"/apps/{app}/", {"owner": eve.name}).expect(200).body == b""
    assert eve.get(f"/apps/{app}/").expect(200)["owner"] == eve.name
    bob.get(f"/apps/{app}/").refuses(403, FORBIDDEN)


def test_9_3_transfer_by_an_admin_works_and_by_a_collaborator_is_403(world, bob, eve):
    app, joe = world.app(bob), world.user("joe")
    bob.post(f"/apps/{app}/perms/", {"username": joe.name}).expect(201)
    joe.post(f"/apps/{app}/", {"owner": joe.name}).refuses(403, FORBIDDEN)
    joe.post(f"/apps/{app}/").expect(200)  # without an owner nothing is asked for
    bob.post(f"/apps/{app}/", {"owner": fresh_name("nobody")}).refuses(404, NOT_FOUND)
    world.admin.post(f"/apps/{app}/", {"owner": eve.name}).expect(200)
    assert eve.get(f"/apps/{app}/")["owner"] == eve.name


# --- logs -----------------------------------------------------------------------------------------------

@pytest.mark.injection
@pytest.mark.parametrize("status", [204, 404])
def test_9_3_logs_are_204_when_the_logger_has_none(world, bob, status):
    app = world.app(bob)
    with world.target.logger(status, b""):
        assert bob.get(f"/apps/{app}/logs").expect(204).body == b""


@pytest.mark.injection
def test_9_3_logs_are_500_with_the_plain_text_for_other_codes_of_the_logger(world, bob):
    app = world.app(bob)
    with world.target.logger(400, b"what?"):
        logs_are_broken(bob, app)


@pytest.mark.injection
@pytest.mark.parametrize("logger", ["disabled", "http://127.0.0.1:1"])  # nowhere to be found; nobody listens
def test_9_3_logs_are_500_with_the_plain_text_when_the_logger_is_away(world, bob, logger):
    app = world.app(bob)
    with world.target.settings(logger=logger):
        logs_are_broken(bob, app)


def logs_are_broken(bob, app):
    answer = bob.get(f"/apps/{app}/logs").expect(500)
    assert answer.body == f"Error accessing logs for {app}".encode()
    assert answer.content_type.startswith("text/plain")


@pytest.mark.injection
def test_9_3_logs_are_otherwise_the_exact_bytes(world, bob):
    app = world.app(bob)
    lines = "2026-11-25T15:00:00UTC app[web.1]: grüße\r\n\x1b[31mred\x00\xff\n".encode("latin-1")
    with world.target.logger(200, lines) as asked:
        answer = bob.get(f"/apps/{app}/logs?log_lines=7").expect(200)
        bob.get(f"/apps/{app}/logs").expect(200)
    assert answer.body == lines and answer.content_type.startswith("text/plain")
    assert asked == [f"/{app}?log_lines=7", f"/{app}?log_lines=1000"]


def test_9_3_logs_of_a_running_app_are_plain_text(world, bob):
    app = world.deployed(bob)
    world.target.expect_app_log(bob, app, f"{bob.name} deployed 0123456")
    assert bob.get(f"/apps/{app}/logs").expect(200).content_type.startswith("text/plain")


def test_9_3_an_app_outlives_its_creators_token(world):
    joe = world.user("joe")
    app = world.app(joe)
    token = joe.post("/auth/tokens/").expect(200)["token"]
    User(joe.api, joe.name, joe.password, token).get(f"/apps/{app}/").expect(200)
