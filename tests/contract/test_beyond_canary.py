"""Beyond v1.7: a release beside the live one, and the trace of a host."""

import pytest

pytestmark = pytest.mark.offers("/v1/apps/{app}/canary")


@pytest.fixture(scope="module")
def bob(world):
    return world.user("bob")


@pytest.fixture
def shop(world, bob):
    name = world.deployed(bob)
    bob.post(f"/apps/{name}/config/", {"values": {"A": "1"}}).expect(201)
    return name


def test_beyond_canary_is_made_changed_and_aborted(bob, shop):
    path = f"/apps/{shop}/canary/"
    assert bob.get(path).expect(200)["release"] is None
    made = bob.post(path, {"release": 2, "weight": 10}).expect(201)
    assert (made["release"], made["live"], made["weight"]) == (2, 3, 10)
    assert bob.post(path, {"weight": 20}).expect(201)["weight"] == 20
    bob.post(path, {"release": 1, "weight": 20}).expect(409)
    bob.post(f"/apps/{shop}/config/", {"values": {"B": "1"}}).expect(409)
    bob.delete(path).expect(204)
    bob.delete(path).expect(404)
    bob.post(path, {"release": 2, "weight": 0}).expect(400)


def test_beyond_canary_is_promoted_as_a_new_release(world, bob, shop):
    bob.post(f"/apps/{shop}/canary/", {"release": 2, "weight": 10}).expect(201)
    assert bob.post(f"/apps/{shop}/canary/promote/").expect(201).json() == {"version": 4}
    assert bob.get(f"/apps/{shop}/canary/")["release"] is None
    bob.post(f"/apps/{shop}/canary/promote/").expect(404)


def test_beyond_canary_of_a_new_release_leaves_the_live_one(bob, shop):
    bob.post(f"/apps/{shop}/config/", {"values": {"B": "1"}, "canary": 5}).expect(201)
    assert bob.get(f"/apps/{shop}/config/")["values"] == {"A": "1"}
    assert bob.get(f"/apps/{shop}/canary/")["release"] == 4
    assert bob.get(f"/apps/{shop}/releases/")["results"][0]["version"] == 4
    bob.delete(f"/apps/{shop}/canary/").expect(204)
    assert bob.post(f"/apps/{shop}/releases/rollback/").expect(201).json() == {"version": 5}


@pytest.mark.offers("/v1/routes")
def test_beyond_trace_leads_from_the_host_to_the_app(world, bob, shop):
    bob.post(f"/apps/{shop}/domains/", {"domain": f"{shop}.example.org"}).expect(201)
    traced = bob.get(f"/routes/?host={shop}.example.org").expect(200)
    assert (traced["app"], traced["match"], traced["release"]) == (shop, "domain", 3)
    world.user("eve").get(f"/routes/?host={shop}.example.org").expect(404)
    bob.get("/routes/").expect(400)
