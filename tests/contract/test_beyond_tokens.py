"""Beyond v1.7: API tokens with scopes, and the audit log."""

import re

import pytest

from .http import User
from .world import fresh_name, wait_until

FORBIDDEN = {"detail": "You do not have permission to perform this action."}

pytestmark = pytest.mark.offers("/v1/tokens")


@pytest.fixture(scope="module")
def bob(world):
    return world.user("bob")


@pytest.fixture
def shop(world, bob):
    return world.deployed(bob)


def make_token(user, *scopes, status=201, **more):
    return user.post("/tokens/", {"name": fresh_name("ci"), "scopes": list(scopes), **more}).expect(status)


def bearer(user, token):
    return User(user.api, user.name, user.password, token["token"])


def test_beyond_a_token_is_shown_once_and_works_until_it_is_revoked(world):
    ann = world.user("ann")
    made = make_token(ann, "read").json()
    assert re.fullmatch("deis_[0-9a-f]{40}", made["token"])
    listed, = ann.results("/tokens/")
    assert "token" not in listed and listed["id"] == made["id"] and listed["scopes"] == ["read"]
    bearer(ann, made).get("/apps/").expect(200)
    ann.delete(f"/tokens/{made['id']}/").expect(204)
    bearer(ann, made).get("/apps/").expect(401)
    assert ann.count("/tokens/") == 0


def test_beyond_a_tokens_scope_bounds_what_it_may(world, bob, shop):
    reader, deployer = (bearer(bob, make_token(bob, scope)) for scope in ("read", "deploy"))
    for user in (reader, deployer):
        user.get(f"/apps/{shop}/").expect(200)
        user.delete(f"/apps/{shop}/").expect(403)
        user.post("/tokens/", {"name": "x", "scopes": ["read"]}).expect(403)
        user.post("/auth/passwd/", {"password": bob.password, "new_password": "x"}).expect(403)
    reader.post(f"/apps/{shop}/config/", {"values": {"A": "1"}}).expect(403)
    deployer.post(f"/apps/{shop}/config/", {"values": {"A": "1"}}).expect(201)


def test_beyond_a_token_may_be_for_some_apps_only(world, bob, shop):
    other = world.app(bob)
    token = bearer(bob, make_token(bob, "deploy", apps=[shop]))
    token.get(f"/apps/{shop}/").expect(200)
    token.get(f"/apps/{other}/").expect(403)


def test_beyond_a_token_expires(bob):
    token = make_token(bob, "read", expires_in=1)
    assert token["expires"].endswith("UTC")
    wait_until(lambda: bearer(bob, token).get("/apps/").status == 401, 5, "the token expires")


@pytest.mark.parametrize("body", [
    {"scopes": ["read"]}, {"name": "x"}, {"name": "x", "scopes": []}, {"name": "x", "scopes": ["everything"]},
    {"name": "x", "scopes": ["read"], "expires_in": -1}, {"name": "x", "scopes": ["read"], "apps": ["UPPER"]}])
def test_beyond_a_token_that_makes_no_sense_is_400(bob, body):
    bob.post("/tokens/", body).expect(400)


# --- audit ----------------------------------------------------------------------------------------------

@pytest.mark.offers("/v1/audit")
def test_beyond_audit_tells_who_did_what_refusals_too_and_no_values(world, bob, shop):
    eve = world.user("eve")
    bob.post(f"/apps/{shop}/config/", {"values": {"PASSWORD": "s3cret-value"}}).expect(201)
    eve.post(f"/apps/{shop}/config/", {"values": {"A": "1"}}).expect(403)
    answer = bob.get(f"/apps/{shop}/audit/").expect(200)
    refused, changed = answer["results"][:2]
    assert (changed["user"], changed["action"], changed["status"]) == (bob.name, "config.change", 201)
    assert (refused["user"], refused["action"], refused["status"]) == (eve.name, "config.change", 403)
    assert changed["app"] == shop and changed["address"]
    assert "s3cret-value" not in answer.text
    assert world.admin.get("/audit/").expect(200)["results"][0]["id"] >= refused["id"]
    bob.get("/audit/").refuses(403, FORBIDDEN)
    eve.get(f"/apps/{shop}/audit/").refuses(403, FORBIDDEN)
