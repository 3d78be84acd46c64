"""9.7 Releases."""

import pytest

RELEASE_KEYS = {"uuid", "app", "owner", "created", "updated", "version", "summary", "config", "build"}
FORBIDDEN = {"detail": "You do not have permission to perform this action."}
BELOW = {"detail": "version cannot be below 0"}


@pytest.fixture(scope="module")
def bob(world):
    return world.user("bob")


def releases(user, app):
    return user.results(f"/apps/{app}/releases/")


def set_value(user, app, value):
    return user.post(f"/apps/{app}/config/", {"values": {"NEW_URL": value}}).expect(201)


def roll_back(user, app, **body):
    return user.post(f"/apps/{app}/releases/rollback/", body)


def test_9_7_creating_makes_release_1_config_change_2_build_3(world, bob):
    app = world.app(bob)
    assert world.release_count(bob, app) == 1
    set_value(bob, app, "x")
    assert world.release_count(bob, app) == 2
    world.deploy(bob, app)
    assert world.release_count(bob, app) == 3
    assert [r["version"] for r in releases(bob, app)] == [3, 2, 1]
    assert [r["summary"] for r in releases(bob, app)] == [
        f"{bob.name} deployed 0123456", f"{bob.name} added NEW_URL", f"{bob.name} created initial release"]


def test_9_7_release_keys_build_and_config(world, bob):
    app = world.app(bob)
    change = set_value(bob, app, "x")
    second = bob.get(f"/apps/{app}/releases/v2/").expect(200).json()
    assert set(second) == RELEASE_KEYS
    assert second["build"] is None and second["config"] == change["uuid"]
    assert type(second["version"]) is int
    build = world.deploy(bob, app)
    third = bob.get(f"/apps/{app}/releases/v3").expect(200).json()
    assert third["build"] == build["uuid"] and third["config"] == change["uuid"]
    assert releases(bob, app)[0] == third


@pytest.mark.parametrize("version", ["v9", "v0", "3", "vx", "v", "v1.0"])
def test_9_7_an_unknown_release_is_404(world, bob, version):
    app = world.app(bob)
    bob.get(f"/apps/{app}/releases/{version}/").refuses(404, {"detail": "Not found"})


def test_9_7_rollback_with_one_release_is_400_with_the_exact_text(world, bob):
    app = world.app(bob)
    bob.post(f"/apps/{app}/releases/rollback/").refuses(400, BELOW)
    roll_back(bob, app, version=-1).refuses(400, BELOW)


def test_9_7_a_bare_rollback_copies_the_previous_release(world, bob):
    app = world.deployed(bob)
    set_value(bob, app, "x")
    answer = bob.post(f"/apps/{app}/releases/rollback/").expect(201)
    assert answer.json() == {"version": 4}
    assert "Deis-Release" not in answer.headers
    newest, _, second, _ = releases(bob, app)
    assert (newest["build"], newest["config"]) == (second["build"], second["config"])
    assert newest["summary"] == f"{bob.name} rolled back to v2" and newest["uuid"] != second["uuid"]
    assert bob.get(f"/apps/{app}/config/")["values"] == {}


def test_9_7_explicit_rollbacks_to_1_and_to_3_and_config_follows(world, bob):
    app = world.app(bob)
    set_value(bob, app, "x")
    world.deploy(bob, app)
    third = releases(bob, app)[0]
    assert roll_back(bob, app, version=1).expect(201).json() == {"version": 4}
    assert bob.get(f"/apps/{app}/config/")["values"] == {}
    assert releases(bob, app)[0]["build"] is None
    for path, body in (("scale/", {"web": 1}), ("run", {"command": "ls"})):
        assert bob.post(f"/apps/{app}/{path}", body).expect(400)["detail"].startswith("No build associated")
    assert roll_back(bob, app, version="3").expect(201).json() == {"version": 5}
    assert bob.get(f"/apps/{app}/config/")["values"] == {"NEW_URL": "x"}
    assert (releases(bob, app)[0]["build"], releases(bob, app)[0]["config"]) == (third["build"], third["config"])


def test_9_7_rollback_to_nothing_known_is_404_and_to_no_number_400(world, bob):
    app = world.app(bob)
    roll_back(bob, app, version=99).refuses(404, {"detail": "Not found"})
    for version in ("x", [1], {"a": 1}, 1.5):
        assert list(roll_back(bob, app, version=version).expect(400).json()) == ["version"]


def test_9_7_rollback_to_the_current_release_makes_an_identical_one(world, bob):
    app = world.deployed(bob)
    assert roll_back(bob, app, version=2).expect(201).json() == {"version": 3}
    newest, second, _ = releases(bob, app)
    assert (newest["build"], newest["config"]) == (second["build"], second["config"])


def test_9_7_what_a_rollback_removed_does_not_come_back_with_the_next_change(world, bob):
    app = world.deployed(bob)
    set_value(bob, app, "x")
    roll_back(bob, app, version=2).expect(201)
    made = bob.post(f"/apps/{app}/config/", {"values": {"OTHER": "1"}}).expect(201)
    assert "NEW_URL" not in made["values"]


def test_9_7_a_strangers_rollback_is_403(world, bob):
    app, eve = world.app(bob), world.user("eve")
    set_value(bob, app, "x")
    roll_back(eve, app, version=1).refuses(403, FORBIDDEN)
    eve.request("POST", f"/apps/{app}/releases/rollback/", raw=b"").refuses(403, FORBIDDEN)


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
def test_9_7_writing_to_the_collection_is_405(world, bob, method):
    app = world.app(bob)
    bob.request(method, f"/apps/{app}/releases/").refuses(405, {"detail": f"Method '{method}' not allowed."})


def test_9_7_summaries_name_what_changed(world, bob):
    app = world.app(bob)

    def summary(**maps):
        bob.post(f"/apps/{app}/config/", maps).expect(201)
        return releases(bob, app)[0]["summary"]

    assert summary(values={"B": "1", "A": "1", "C": "1"}) == f"{bob.name} added A, B, C"
    assert summary(values={"A": "2", "B": None, "D": "1"}) == f"{bob.name} added D, changed A, deleted B"
    assert summary(memory={"web": "1G"}) == f"{bob.name} changed limits for memory"
    assert summary(memory={"web": None}, cpu={"web": 1}) == f"{bob.name} changed limits for memory, cpu"
    if "containers" not in world.target.can:  # where they are real, no node has such a tag
        assert summary(tags={"a": "b"}) == f"{bob.name} added tag a"
    assert summary() == f"{bob.name} changed nothing"
    bob.post(f"/apps/{app}/builds/", {"image": world.target.image}).expect(201)
    assert releases(bob, app)[0]["summary"] == f"{bob.name} deployed {world.target.image}"


@pytest.mark.injection
def test_9_7_a_withdrawn_release_frees_its_number(world, bob):
    app = world.deployed(bob)
    with world.target.failures(create=1):
        bob.post(f"/apps/{app}/config/", {"values": {"A": "1"}}).expect(503)
    assert set_value(bob, app, "x").headers["Deis-Release"] == "3"
    assert bob.get(f"/apps/{app}/config/")["values"] == {"NEW_URL": "x"}
