"""Beyond v1.7: health checks, maintenance mode, allow-list and limits of an app."""

import pytest

pytestmark = pytest.mark.offers("/v1/apps/{app}/healthchecks")


@pytest.fixture(scope="module")
def bob(world):
    return world.user("bob")


@pytest.fixture
def shop(world, bob):
    return world.deployed(bob)


def test_beyond_healthchecks_are_set_and_unset_by_type(bob, shop):
    path = f"/apps/{shop}/healthchecks/"
    assert bob.get(path).expect(200).json() == {}
    bob.post(path, {"web": {"type": "http", "path": "/healthz"}}).expect(201)
    assert bob.get(path)["web"]["path"] == "/healthz"
    bob.post(path, {"web": None}).expect(201)
    assert bob.get(path).json() == {}
    bob.post(path, {"web": {"type": "carrier pigeon"}}).expect(400)


def test_beyond_maintenance_goes_on_and_off(bob, shop):
    path = f"/apps/{shop}/maintenance/"
    assert bob.get(path).expect(200)["enabled"] is False
    bob.post(path, {"enabled": True, "message": "back at noon"}).expect(201)
    assert bob.get(path)["message"] == "back at noon"
    bob.post(path, {"enabled": False}).expect(201)
    assert bob.get(path)["enabled"] is False


def test_beyond_allowlist_takes_addresses_and_networks(bob, shop):
    path = f"/apps/{shop}/allowlist/"
    assert bob.get(path).expect(200).json() == {"addresses": []}
    bob.post(path, {"addresses": ["10.0.0.0/8", "2001:db8::/32"]}).expect(201)
    assert bob.get(path)["addresses"] == ["10.0.0.0/8", "2001:db8::/32"]
    bob.post(path, {"addresses": ["nonsense"]}).expect(400)
    bob.post(path, {"addresses": []}).expect(201)


def test_beyond_limits_are_a_release_and_show_in_the_config(world, bob, shop):
    path = f"/apps/{shop}/limits/"
    assert bob.get(path).expect(200).json() == {}
    bob.post(path, {"web": {"memory": "128M", "pids": 200}}).expect(201)
    assert bob.get(path)["web"] == {"memory": "128M", "pids": 200}
    assert bob.get(f"/apps/{shop}/config/")["memory"] == {"web": "128M"}
    assert world.release_count(bob, shop) == 3


@pytest.mark.offers("/v1/apps/{app}/routes")
def test_beyond_routes_are_settings_of_the_app(bob, shop):
    path = f"/apps/{shop}/routes/"
    assert bob.get(path).expect(200).json() == {"balance": "round-robin", "drain_timeout": 30}
    bob.post(path, {"balance": "least-requests", "drain_timeout": 5}).expect(201)
    assert bob.get(path)["drain_timeout"] == 5
    bob.post(path, {"drain_timeout": 3601}).expect(400)
    bob.post(path, {"balance": None, "drain_timeout": None}).expect(201)
    assert bob.get(path)["balance"] == "round-robin"
