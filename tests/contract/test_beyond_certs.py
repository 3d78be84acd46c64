"""Beyond v1.7: certificates that the platform gets by itself. That one really comes is tests/e2e/test_acme.py's."""

import pytest

from .world import fresh_name, wait_until

pytestmark = [pytest.mark.offers("/v1/apps/{app}/certs/auto"), pytest.mark.etcd]

SETTINGS = {
    "/deis/controller/acme/agreeToTerms": "true",
    "/deis/controller/acme/directory": "https://127.0.0.1:1/nobody"}


@pytest.fixture(scope="module")
def bob(world):
    return world.user("bob")


@pytest.fixture
def shop(world, bob):
    return world.deployed(bob)


@pytest.fixture
def agreed(world, bob, shop):
    """The operator agreed to the terms of an authority that cannot be reached."""
    etcd = world.target.etcd
    before = {key: etcd.get(key) for key in SETTINGS}
    for key, value in SETTINGS.items():
        etcd.put(key, value)
    yield
    for key, value in before.items():
        etcd.put(key, value) if value is not None else etcd.delete(key)
    wait_until(lambda: bob.post(f"/apps/{shop}/certs/auto/", {"domain": "a.example.com"}).status >= 400, 10, "the consent is withdrawn")


@pytest.fixture
def domain(bob, shop):
    name = fresh_name("www") + ".example.com"
    bob.post(f"/apps/{shop}/domains/", {"domain": name}).expect(201)
    return name


def test_beyond_certs_auto_is_asked_for_listed_and_left(bob, shop, domain, agreed):
    path = f"/apps/{shop}/certs/auto/"
    wait_until(lambda: bob.post(path, {"domain": domain}).status == 201, 10, "the consent is known")
    listed = bob.get(path).expect(200)["results"]
    assert [(entry["domain"], entry["state"] == "issued") for entry in listed] == [(domain, False)]
    bob.delete(f"{path}{domain}/").expect(204)
    assert bob.get(path).expect(200)["results"] == []


def test_beyond_certs_auto_is_for_domains_of_the_app_and_its_members(world, bob, shop, domain, agreed):
    path = f"/apps/{shop}/certs/auto/"
    assert bob.post(path, {"domain": "elsewhere.example.com"}).status in (400, 404)
    bob.post(path, {"domain": "no domain"}).expect(400)
    bob.post(path, {}).expect(400)
    world.user("stranger").post(path, {"domain": domain}).expect(403)
