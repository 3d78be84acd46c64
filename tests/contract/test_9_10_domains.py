"""9.10 Domains."""

import pytest

from .world import fresh_name

DOMAIN_KEYS = {"owner", "created", "updated", "app", "domain"}
FORBIDDEN = {"detail": "You do not have permission to perform this action."}
NOT_FOUND = {"detail": "Not found"}


@pytest.fixture(scope="module")
def bob(world):
    return world.user("bob")


@pytest.fixture(scope="module")
def shop(world, bob):
    return world.app(bob)


def names(user, app):
    return [d["domain"] for d in user.results(f"/apps/{app}/domains/")]


def fresh_domain(form="{}.example.com"):
    return form.format(fresh_name("d"))


def add(user, app, domain, status=201):
    return user.post(f"/apps/{app}/domains/", {"domain": domain}).expect(status)


def remove(user, app, domain):
    return user.delete(f"/apps/{app}/domains/{domain}")


@pytest.mark.parametrize("domain", [
    "test-domain.example.com", "django.paas-sandbox", "domain", "not.too.loooooooong", "3com.com", "w3.example.com",
    "MYDOMAIN.NET", "autotest.127.0.0.1.xip.io", "*.10.0.0.1.xip.io", "a" * 63 + ".com",
    ".".join(["a" * 63] * 3 + ["b" * 61]), "x1.microsoft.com"])
def test_9_10_accepted_names(bob, shop, domain):
    made = add(bob, shop, domain).json()
    try:
        assert set(made) == DOMAIN_KEYS
        assert (made["domain"], made["app"], made["owner"]) == (domain, shop, bob.name)
        assert domain in names(bob, shop)
    finally:
        assert remove(bob, shop, domain).expect(204).body == b""
    assert domain not in names(bob, shop)


@pytest.mark.parametrize("domain", [
    "this_is_an.invalid.domain", "this-is-an.invalid.1", "django.pass--sandbox", "domain1", "3333.com", "a" * 64 + ".com",
    "10.0.0.1", "-a.com", "a-.com", "x.com:80", "http://x.com", "münchen.de", "foo.*.com", "a..com", ".com", "a b.com",
    "3.com", "xn--mnchen-3ya.de"])
def test_9_10_refused_names(bob, shop, domain):
    assert add(bob, shop, domain, 400).json() == {"domain": ["Hostname does not look valid."]}


def test_9_10_wildcards_are_refused(bob, shop):
    assert list(add(bob, shop, "*.example.com", 400).json()) == ["domain"]


@pytest.mark.parametrize("body, message", [
    ({}, "This field is required."), ({"domain": None}, "This field may not be null."),
    ({"domain": ""}, "This field may not be blank.")])
def test_9_10_a_name_is_required(bob, shop, body, message):
    bob.post(f"/apps/{shop}/domains/", body).refuses(400, {"domain": [message]})


def test_9_10_a_name_longer_than_255_is_refused(bob, shop):
    assert list(add(bob, shop, ".".join(["a" * 63] * 4) + ".bb", 400).json()) == ["domain"]


def test_9_10_a_trailing_dot_is_not_stored(bob, shop):
    domain = fresh_domain()
    assert add(bob, shop, domain + ".")["domain"] == domain
    add(bob, shop, domain + ".", 400).refuses(400, {"domain": ["This field must be unique."]})
    remove(bob, shop, domain).expect(204)


def test_9_10_a_name_that_some_app_uses_is_refused(world, bob, shop):
    domain = fresh_domain()
    other = world.app(bob)
    add(bob, other, domain)
    for app, user in ((shop, bob), (world.app(world.user("eve")), world.admin)):
        add(user, app, domain, 400).refuses(400, {"domain": ["This field must be unique."]})


def test_9_10_delete_removes_exactly_the_named_domain(world, bob):
    app, other = world.app(bob), world.app(bob)
    first, second, third, foreign = (fresh_domain() for _ in range(4))
    for domain in (first, second, third):
        add(bob, app, domain)
    add(bob, other, foreign)
    remove(bob, app, second).expect(204)
    assert names(bob, app) == [first, third] and names(bob, other) == [foreign]
    remove(bob, app, foreign).refuses(404, NOT_FOUND)
    remove(bob, app, second).refuses(404, NOT_FOUND)
    assert names(bob, app) == [first, third] and names(bob, other) == [foreign]


def test_9_10_a_non_existing_app_is_404(bob):
    none = fresh_name("none")
    bob.post(f"/apps/{none}/domains/", {"domain": fresh_domain()}).refuses(404, NOT_FOUND)
    bob.get(f"/apps/{none}/domains/").refuses(404, NOT_FOUND)


def test_9_10_an_admin_may_add_to_any_app_and_a_stranger_may_not(world, bob, shop):
    domain = fresh_domain()
    assert add(world.admin, shop, domain)["owner"] in (world.admin.name, bob.name)
    eve = world.user("eve")
    eve.post(f"/apps/{shop}/domains/", {"domain": fresh_domain()}).refuses(403, FORBIDDEN)
    eve.get(f"/apps/{shop}/domains/").refuses(403, FORBIDDEN)
    remove(eve, shop, domain).refuses(403, FORBIDDEN)
    assert domain in names(bob, shop)
