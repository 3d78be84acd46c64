"""9.12 Perms."""

import pytest

from .world import fresh_name, register

FORBIDDEN = {"detail": "You do not have permission to perform this action."}
NOT_FOUND = {"detail": "Not found"}


@pytest.fixture(scope="module")
def bob(world):
    return world.user("bob")


@pytest.fixture(scope="module")
def eve(world):
    return world.user("eve")


@pytest.fixture
def shop(world, bob):
    return world.app(bob)


def admins(world):
    return [entry["username"] for entry in world.admin.results("/admin/perms/?page_size=1000")]


def grant(user, app, name, status=201):
    return user.post(f"/apps/{app}/perms/", {"username": name}).expect(status)


# --- administrators -------------------------------------------------------------------------------------

@pytest.mark.fresh
def test_9_12_after_the_first_sign_up_there_is_one_admin(world):
    assert world.admin.get("/admin/perms/").expect(200).json() == {
        "count": 1, "next": None, "previous": None,
        "results": [{"username": world.admin.name, "is_superuser": True}]}


def test_9_12_admin_grant_adds_one_and_revoke_takes_one_away(world):
    before = admins(world)
    joe = world.user("joe")
    assert world.admin.post("/admin/perms/", {"username": joe.name}).expect(201).body == b""
    assert admins(world) == before + [joe.name]
    world.admin.post("/admin/perms/", {"username": joe.name}).expect(201)
    joe.get("/users/").expect(200)
    assert world.admin.delete(f"/admin/perms/{joe.name}").expect(204).body == b""
    assert admins(world) == before
    joe.get("/users/").refuses(403, FORBIDDEN)
    world.admin.delete(f"/admin/perms/{joe.name}").expect(204)  # also when he is none


def test_9_12_admin_perms_are_403_for_others(world, bob, eve):
    answers = [bob.get("/admin/perms/"), bob.post("/admin/perms/", {"username": eve.name}),
               bob.delete(f"/admin/perms/{world.admin.name}")]
    for answer in answers:
        answer.refuses(403, FORBIDDEN)
        assert "You do not have permission" in answer["detail"]
    assert world.admin.name in admins(world)


def test_9_12_admin_perms_of_unknown_users_are_404_and_a_missing_name_400(world):
    nobody = fresh_name("nobody")
    world.admin.post("/admin/perms/", {"username": nobody}).refuses(404, NOT_FOUND)
    world.admin.delete(f"/admin/perms/{nobody}").refuses(404, NOT_FOUND)
    world.admin.post("/admin/perms/").refuses(400, {"username": ["This field is required."]})


# --- collaborators --------------------------------------------------------------------------------------

def test_9_12_before_the_grant_all_is_403_and_after_it_200_and_listed(shop, bob, eve):
    parts = ("builds", "config", "containers", "releases")
    for part in parts:
        eve.get(f"/apps/{shop}/{part}/").refuses(403, FORBIDDEN)
    assert grant(bob, shop, eve.name).body == b""
    for part in parts:
        eve.get(f"/apps/{shop}/{part}/").expect(200)
    assert shop in {a["id"] for a in eve.results("/apps/")}
    assert bob.get(f"/apps/{shop}/perms/").expect(200).json() == {"users": [eve.name]}


def test_9_12_granting_twice_is_granting_once(shop, bob, eve):
    grant(bob, shop, eve.name)
    grant(bob, shop, eve.name)
    assert bob.get(f"/apps/{shop}/perms/").json() == {"users": [eve.name]}


def test_9_12_a_second_revoke_is_403_and_a_revoke_has_no_body(shop, bob, eve):
    grant(bob, shop, eve.name)
    assert bob.delete(f"/apps/{shop}/perms/{eve.name}").expect(204).body == b""
    eve.get(f"/apps/{shop}/").refuses(403, FORBIDDEN)
    bob.delete(f"/apps/{shop}/perms/{eve.name}").refuses(403, FORBIDDEN)


def test_9_12_a_collaborator_lists_but_neither_grants_nor_revokes_but_himself(world, shop, bob, eve):
    joe = world.user("joe")
    grant(bob, shop, eve.name)
    grant(bob, shop, joe.name)
    assert eve.get(f"/apps/{shop}/perms/").expect(200).json() == {"users": [eve.name, joe.name]}
    eve.post(f"/apps/{shop}/perms/", {"username": world.admin.name}).refuses(403, FORBIDDEN)
    eve.delete(f"/apps/{shop}/perms/{joe.name}").refuses(403, FORBIDDEN)
    eve.delete(f"/apps/{shop}/perms/{eve.name}").expect(204)
    eve.get(f"/apps/{shop}/").refuses(403, FORBIDDEN)


def test_9_12_a_collaborator_deploys_but_deletes_nothing(world, shop, bob, eve):
    grant(bob, shop, eve.name)
    eve.post(f"/apps/{shop}/config/", {"values": {"A": "1"}}).expect(201)
    domain = fresh_name("d") + ".example.com"
    eve.post(f"/apps/{shop}/domains/", {"domain": domain}).expect(201)
    eve.delete(f"/apps/{shop}/domains/{domain}").refuses(403, FORBIDDEN)
    eve.delete(f"/apps/{shop}/").refuses(403, FORBIDDEN)


def test_9_12_a_strangers_listing_is_403_and_an_admin_may_all(world, shop, bob, eve):
    eve.get(f"/apps/{shop}/perms/").refuses(403, FORBIDDEN)
    grant(world.admin, shop, eve.name)
    world.admin.delete(f"/apps/{shop}/perms/{eve.name}").expect(204)


def test_9_12_unknown_users_are_404_and_a_missing_name_400(shop, bob):
    nobody = fresh_name("nobody")
    bob.post(f"/apps/{shop}/perms/", {"username": nobody}).refuses(404, NOT_FOUND)
    bob.delete(f"/apps/{shop}/perms/{nobody}").refuses(404, NOT_FOUND)
    bob.post(f"/apps/{shop}/perms/").refuses(400, {"username": ["This field is required."]})


def test_9_12_user_names_may_hold_dots_and_plus_signs(world, shop, bob):
    joe = register(world.api, fresh_name("j") + "@x.y+z")
    grant(bob, shop, joe.name)
    bob.delete(f"/apps/{shop}/perms/{joe.name}").expect(204)
