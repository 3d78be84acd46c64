"""9.13 Hooks, as the builder uses them."""

import pytest

from .test_9_9_keys import make_key
from .world import PROCFILE, SHA, fresh_name

FORBIDDEN = {"detail": "You do not have permission to perform this action."}
NOT_FOUND = {"detail": "Not found"}
NO_CREDENTIALS = {"detail": "Authentication credentials were not provided."}
PUSH_KEYS = {"uuid", "owner", "app", "sha", "fingerprint", "receive_user", "receive_repo", "ssh_connection",
             "ssh_original_command", "created", "updated"}

pytestmark = pytest.mark.etcd  # where the builder's key is


@pytest.fixture(scope="module")
def bob(world):
    return world.user("bob")


@pytest.fixture
def shop(world, bob):
    return world.app(bob)


@pytest.fixture(scope="module")
def hook(world):
    """Posts to a hook as the builder does."""
    key = world.target.builder_key

    def post(name, body, headers=None):
        return world.api.post(f"/hooks/{name}/", body, headers={"X-Deis-Builder-Auth": key, **(headers or {})})
    return post


def push(user, app, **more):
    return {"receive_user": user.name, "receive_repo": app, "sha": SHA, "fingerprint": "de:ad:be:ef",
            "ssh_connection": "10.0.0.1 1234 10.0.0.2 22", "ssh_original_command": f"git-receive-pack '{app}.git'", **more}


def build(world, user, app, **more):
    return {"receive_user": user.name, "receive_repo": app, **world.build(app, **more)}


# --- push -----------------------------------------------------------------------------------------------

def test_9_13_push_is_403_with_a_user_token_but_no_builder_key_and_401_with_neither(world, bob, shop):
    bob.post("/hooks/push/", push(bob, shop)).refuses(403, FORBIDDEN)
    world.api.post("/hooks/push/", push(bob, shop)).refuses(401, NO_CREDENTIALS)


def test_9_13_push_with_the_key_is_201_and_echoes_all_fields(hook, bob, shop):
    sent = push(bob, shop)
    made = hook("push", sent).expect(201).json()
    assert set(made) == PUSH_KEYS
    assert {key: made[key] for key in sent} == sent
    assert (made["app"], made["owner"]) == (shop, bob.name)


def test_9_13_push_is_403_for_a_user_without_access_and_fine_for_admins_and_collaborators(world, hook, bob, shop):
    eve = world.user("eve")
    hook("push", push(eve, shop)).refuses(403, FORBIDDEN)
    hook("push", push(world.admin, shop)).expect(201)
    bob.post(f"/apps/{shop}/perms/", {"username": eve.name}).expect(201)
    hook("push", push(eve, shop)).expect(201)


def test_9_13_push_names_what_is_missing_and_knows_no_unknown_app_or_user(hook, bob, shop):
    assert list(hook("push", push(bob, shop, sha="a" * 41)).expect(400).json()) == ["sha"]
    hook("push", {}).refuses(400, {"receive_user": ["This field is required."], "receive_repo": ["This field is required."]})
    for wrong in ({"receive_repo": fresh_name("none")}, {"receive_repo": "UPPER"}, {"receive_user": fresh_name("none")}):
        hook("push", push(bob, shop, **wrong)).refuses(404, NOT_FOUND)


# --- build ----------------------------------------------------------------------------------------------

def test_9_13_build_is_401_without_the_key(world, bob, shop):
    for headers in ({}, {"X-Deis-Builder-Auth": "wrong"}, {"X-Deis-Builder-Auth": ""}):
        world.api.post("/hooks/build/", build(world, bob, shop), headers=headers).refuses(401, NO_CREDENTIALS)


@pytest.mark.parametrize("name", ["build", "builds"])
def test_9_13_build_is_200_with_the_release_and_the_domains(world, hook, bob, shop, name):
    answer = hook(name, build(world, bob, shop)).expect(200)
    assert answer.json() == {"release": {"version": 2}, "domains": [f"{shop}.{world.target.domain}"]}
    assert "Deis-Release" not in answer.headers


def test_9_13_the_stored_build_has_what_was_sent_and_web_1_exists(world, hook, bob, shop):
    hook("build", build(world, bob, shop, dockerfile="")).expect(200)
    stored, = bob.results(f"/apps/{shop}/builds/")
    assert (stored["sha"], stored["procfile"], stored["dockerfile"]) == (SHA, PROCFILE, "")
    assert world.states(bob, shop) == {"web.1": "up"}


def test_9_13_a_dockerfile_without_procfile_starts_cmd_1(world, hook, bob, shop):
    hook("build", build(world, bob, shop, procfile={}, dockerfile="FROM scratch")).expect(200)
    stored, = bob.results(f"/apps/{shop}/builds/")
    assert (stored["sha"], stored["procfile"], stored["dockerfile"]) == (SHA, {}, "FROM scratch")
    assert world.states(bob, shop) == {"cmd.1": "up"}


def test_9_13_build_is_403_for_a_user_without_access_and_fine_for_an_admin(world, hook, bob, shop):
    hook("build", build(world, world.user("eve"), shop)).refuses(403, FORBIDDEN)
    hook("build", build(world, world.admin, shop)).expect(200)


@pytest.mark.injection
def test_9_13_a_deploy_that_fails_fails_the_hook(world, hook, bob, shop):
    with world.target.failures(create=1):
        answer = hook("build", build(world, bob, shop)).expect(503)
    assert answer["detail"] == "aborting, failed to create some containers"
    assert world.release_count(bob, shop) == 1


# --- what only our builder asks -------------------------------------------------------------------------

def test_9_13_key_names_the_user_of_a_public_key(world, hook):
    ann, public = world.user("ann"), make_key("ssh-ed25519", "")
    ann.post("/keys/", {"id": fresh_name("k"), "public": public}).expect(201)
    found = hook("key", {"public": public.strip() + " presented-by-ssh"}).expect(200).json()
    assert found["username"] == ann.name and found["public"] == public
    hook("key", {"public": make_key("ssh-ed25519")}).refuses(404, NOT_FOUND)
    world.api.post("/hooks/key/", {"public": public}).refuses(401, NO_CREDENTIALS)


def test_9_13_app_tells_whether_it_is_there_and_names_it_when_not(world, bob, shop):
    headers = {"X-Deis-Builder-Auth": world.target.builder_key}
    assert world.api.get(f"/hooks/apps/{shop}", headers=headers).expect(200).json() == {"app": shop}
    none = fresh_name("none")
    world.api.get(f"/hooks/apps/{none}", headers=headers).refuses(404, {"app": none, **NOT_FOUND})


# --- config ---------------------------------------------------------------------------------------------

def test_9_13_config_is_401_without_the_key(world, bob, shop):
    body = {"receive_user": bob.name, "receive_repo": shop}
    world.api.post("/hooks/config/", body).refuses(401, NO_CREDENTIALS)


def test_9_13_config_is_200_with_the_config_of_the_app(world, hook, bob, shop):
    bob.post(f"/apps/{shop}/config/", {
        "values": {"A": "1"}, "memory": {"web": "1G"}, "cpu": {"web": "512"},
        "tags": {"disk": "ssd"}}).expect(201)
    for user in (bob, world.admin):
        found = hook("config", {"receive_user": user.name, "receive_repo": shop}).expect(200).json()
        assert found == bob.get(f"/apps/{shop}/config/").json()
    assert found["cpu"] == {"web": 512} and found["memory"] == {"web": "1G"} and found["values"] == {"A": "1"}


def test_9_13_config_is_403_for_a_user_without_access(world, hook, shop):
    hook("config", {"receive_user": world.user("eve").name, "receive_repo": shop}).refuses(403, FORBIDDEN)
